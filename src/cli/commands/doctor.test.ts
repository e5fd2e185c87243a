import { describe, expect, test } from 'vitest';
import type { MemoryHost } from '../../host/memory/index.ts';
import { readyMachine } from '../../phases/init/machine.fixture.ts';
import { configuration, run } from '../command.fixture.ts';

const configFile = '/root/kubeadm.yaml';
const statics = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const server = 'https://10.88.0.10:6443';
const healthy = { status: 200, body: 'ok' };
const minute = 60_000;

interface Unit {
  load: string;
  state: string;
  code: number;
}

interface TestMachine {
  readonly host: MemoryHost;
  readonly unit: Unit;
}

/** A machine with a kubelet that systemd knows. Nothing has been set up on it. */
function machine(): TestMachine {
  const unit = { load: 'loaded', state: 'active', code: 0 };
  const host = readyMachine({
    hostname: 'control-plane',
    files: { [configFile]: configuration, '/proc/swaps': 'Filename\n' },
    programs: {
      systemctl: () => ({
        stdout: [
          `LoadState=${unit.load}`,
          `ActiveState=${unit.state}`,
          `SubState=${unit.state === 'activating' ? 'auto-restart' : 'running'}`,
          `ExecMainStatus=${unit.code}`,
          'Result=success',
          'NRestarts=3',
          'InvocationID=a1',
          'StateChangeTimestamp=Fri 2026-01-02 03:00:00 UTC',
        ].join('\n'),
      }),
      journalctl: {},
    },
  });
  host.units.set('containerd', { enabled: true, active: true });
  return { host, unit };
}

/** A healthy control plane that runs for five minutes. */
async function controlPlane(): Promise<TestMachine> {
  const made = machine();
  const { host } = made;
  const { code, stderr } = await run(host, ['init', '--config', configFile]);
  if (code !== 0) throw new Error(stderr);
  for (const url of [
    `${server}/livez`,
    `${server}/livez?verbose`,
    'http://127.0.0.1:2381/health',
    'https://127.0.0.1:10257/healthz?verbose',
    'https://127.0.0.1:10259/livez?verbose',
  ]) {
    host.machine.answers.set(url, healthy);
  }
  for (const name of statics) addContainer(host, name);
  await host.clock.sleep(5 * minute);
  return made;
}

function addContainer(host: MemoryHost, name: string): void {
  const now = host.clock.now().getTime();
  host.runtime.sandboxes.set(`${name}-pod`, {
    id: `${name}-pod`,
    name: `${name}-control-plane`,
    namespace: 'kube-system',
    uid: name,
    state: 'ready',
    createdAt: now,
  });
  host.runtime.containers.set(name, {
    id: name,
    podSandboxId: `${name}-pod`,
    name,
    attempt: 0,
    state: 'running',
    startedAt: now,
    finishedAt: 0,
    logPath: `/var/log/${name}.log`,
  });
}

/** Ends a component with a last message. */
function end(host: MemoryHost, name: string, line: string): void {
  const now = host.clock.now().getTime();
  host.disk.put({ [`/var/log/${name}.log`]: `2026-01-01T00:00:00Z stderr F ${line}\n` });
  const container = host.runtime.containers.get(name);
  if (container === undefined) throw new Error(name);
  const run = { startedAt: now - 90, finishedAt: now, exitCode: 1 };
  host.runtime.containers.set(name, { ...container, ...run, state: 'exited', attempt: 4 });
}

/** The time limits of a look do not pass on this clock. */
async function untilAborted(_milliseconds: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal?.aborted === true) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function doctor({ host }: TestMachine, ...args: readonly string[]) {
  const writes = host.gate.writes.length;
  const calls = host.runtime.calls.length;
  const result = await run({ ...host, clock: { ...host.clock, sleep: untilAborted } }, ['doctor', ...args]);
  expect(host.gate.writes.slice(writes)).toEqual([]);
  expect(host.runtime.calls.slice(calls).filter((call) => call.startsWith('pullImage'))).toEqual([]);
  return result;
}

async function problems(made: TestMachine) {
  const { code, stdout } = await doctor(made, '-o', 'json');
  const object = JSON.parse(stdout);
  expect({ code, healthy: object.healthy }).toEqual({
    code: object.problems.length > 0 ? 1 : 0,
    healthy: object.problems.length === 0,
  });
  return object.problems;
}

const names = (found: readonly { readonly name: string }[]): readonly string[] =>
  found.map(({ name }) => name);

describe('doctor finds nothing wrong', () => {
  test('with a healthy control plane', async () => {
    const { code, stderr, stdout } = await doctor(await controlPlane());
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'This machine is a control plane. No problem was found.\n',
    });
  });

  test('with a healthy worker', async () => {
    const made = await controlPlane();
    await made.host.files.removeTree('/etc/kubernetes/manifests');
    await made.host.files.removeTree('/etc/kubernetes/pki');
    for (const name of ['admin', 'super-admin', 'controller-manager', 'scheduler']) {
      await made.host.files.remove(`/etc/kubernetes/${name}.conf`);
    }
    made.host.runtime.containers.clear();
    made.host.runtime.sandboxes.clear();
    const { code, stdout } = await doctor(made);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'This machine is a worker. No problem was found.\n',
    });
  });

  test('with a machine that is not part of a cluster, although its kubelet cannot start yet', async () => {
    const made = machine();
    Object.assign(made.unit, { state: 'activating', code: 1 });
    const { code, stdout } = await doctor(made);
    expect(stdout).toContain('This machine is not part of a cluster. No problem was found.\n');
    expect(code).toBe(0);
  });

  test('with a component that ended a few times and has run for a minute since', async () => {
    const made = await controlPlane();
    end(made.host, 'etcd', 'panic: no space left on device');
    addContainer(made.host, 'etcd');
    await made.host.clock.sleep(2 * minute);
    expect(await problems(made)).toEqual([]);
  });
});

describe('doctor names', () => {
  test('three faults at once, the root first, with their times and commands', async () => {
    const made = await controlPlane();
    const { host } = made;
    host.machine.interfaces = host.machine.interfaces.map((one) =>
      one.loopback ? { ...one, up: false } : one,
    );
    end(host, 'kube-scheduler', 'Error: unknown flag: --nonsense');
    Object.assign(made.unit, { load: 'masked', state: 'inactive' });
    const { code, stderr, stdout } = await doctor(made);
    expect(code).toBe(1);
    expect(stderr).toBe('error: 3 problems were found\n');
    expect(stdout.split('\n\n')).toEqual([
      'This machine is a control plane.',
      expect.stringMatching(
        /^1\. the loopback interface lo is down, .* \[loopback-down\]\n.*# ip link set lo up$/s,
      ),
      expect.stringMatching(
        /^2\. .* unit kubelet\.service is masked \[kubelet-masked\]\n {3}since 2026-01-02T03:00:00Z \(9m\w+\)\n.*# systemctl unmask kubelet\n/s,
      ),
      expect.stringMatching(
        /^3\. kube-scheduler does not know the flag --nonsense .* \[unknown-flag\]\n {3}since 2026-01-02T03:\d\d:\d\dZ \(0s\)\n.*kube-scheduler\.yaml/s,
      ),
    ]);
  });

  test('an addon that keeps ending on this machine', async () => {
    const made = await controlPlane();
    addContainer(made.host, 'coredns');
    expect(await problems(made)).toEqual([]);
    end(made.host, 'coredns', '[FATAL] plugin/loop: Loop (127.0.0.1:45067 -> :53) detected for zone "."');
    expect(await problems(made)).toMatchObject([
      { name: 'crash-loop', component: 'coredns', summary: expect.stringContaining('plugin/loop: Loop') },
    ]);
  });

  test('a manifest that is missing', async () => {
    const made = await controlPlane();
    await made.host.files.remove('/etc/kubernetes/manifests/kube-scheduler.yaml');
    made.host.runtime.containers.delete('kube-scheduler');
    expect(await problems(made)).toMatchObject([{ name: 'manifest-missing', component: 'kube-scheduler' }]);
  });

  test('the runtime, and what is not known because of it', async () => {
    const made = await controlPlane();
    made.host.runtime.reachable = false;
    const { stdout } = await doctor(made);
    expect(stdout).toContain('[runtime-stopped]');
    expect(stdout).toContain('not known: the container runtime does not answer');
  });

  test('a certificate that has expired, since its end', async () => {
    const made = await controlPlane();
    await made.host.clock.sleep(366 * 24 * 60 * minute);
    const found = await problems(made);
    expect(found).toContainEqual(
      expect.objectContaining({
        name: 'certificate-expired',
        component: 'apiserver',
        since: '2027-01-02T03:04:05Z',
        commands: ['kubeadm certs renew all --restart'],
      }),
    );
  });

  test('what a new machine lacks for init and join', async () => {
    const made = machine();
    made.host.disk.put({ '/proc/sys/net/ipv4/ip_forward': '0\n' });
    made.host.machine.listening.add(10250);
    expect(names(await problems(made))).toEqual(['Port-10250', 'FileContent--proc-sys-net-ipv4-ip_forward']);
  });

  test('a setting of the kernel that a node has lost', async () => {
    const made = await controlPlane();
    made.host.disk.put({ '/proc/sys/net/ipv4/ip_forward': '0\n' });
    expect(names(await problems(made))).toEqual(['FileContent--proc-sys-net-ipv4-ip_forward']);
  });
});

test('doctor uses the socket of the kubelet', async () => {
  const made = await controlPlane();
  made.host.disk.put({
    '/var/lib/kubelet/instance-config.yaml': 'containerRuntimeEndpoint: "unix:///run/own.sock"\n',
  });
  expect(JSON.parse((await doctor(made, '-o', 'json')).stdout).criSocket).toBe('unix:///run/own.sock');
});

test('doctor refuses an unknown format, and a user who is not root', async () => {
  expect((await doctor(machine(), '-o', 'xml')).stderr).toContain('available are');
  const made = { ...machine(), host: readyMachine({ uid: 1000 }) };
  expect(await doctor(made)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not running as root'),
  });
});
