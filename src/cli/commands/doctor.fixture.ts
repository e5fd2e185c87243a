/** Machines for the tests of doctor, and its reports. */
import { expect } from 'vitest';
import type { MemoryHost } from '../../host/memory/index.ts';
import { readyMachine } from '../../phases/init/machine.fixture.ts';
import { configuration, run } from '../command.fixture.ts';

const configFile = '/root/kubeadm.yaml';
const statics = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
const server = 'https://10.88.0.10:6443';
const healthy = { status: 200, body: 'ok' };
export const minute = 60_000;

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
export function machine(): TestMachine {
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
export async function controlPlane(): Promise<TestMachine> {
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

export function addContainer(host: MemoryHost, name: string): void {
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

/** Starts a component again that has ended. The kubelet keeps its last run. */
export function restart(host: MemoryHost, name: string): void {
  const ended = host.runtime.containers.get(name);
  if (ended === undefined) throw new Error(name);
  host.runtime.containers.set(`${name}-ended`, ended);
  addContainer(host, name);
  const container = host.runtime.containers.get(name);
  if (container !== undefined)
    host.runtime.containers.set(name, { ...container, attempt: ended.attempt + 1 });
}

/** The journal of a kubelet that cannot get the image of CoreDNS. */
export const waitsForImage = `E1124 19:22:26.754925     217 remote_image.go:250] "PullImage from image service failed" err="not found" image="registry.example/coredns:v9"
E1124 19:22:26.755925     217 pod_workers.go:1324] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"coredns\\" with ErrImagePull: \\"failed to pull image \\\\\\"registry.example/coredns:v9\\\\\\": not found\\"" pod="kube-system/coredns-cp" podUID="coredns"
`;

/** The journal of a kubelet that cannot read a manifest. */
export const cannotRead = (path: string): string =>
  `E1201 09:36:53.527857    1307 file.go:186] "Could not process manifest file" err="${path}: couldn't parse as pod(yaml: line 10: did not find expected node content)" path="${path}"\n`;

/** Ends a component with a last message. */
export function end(host: MemoryHost, name: string, line: string): void {
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

export async function doctor({ host }: TestMachine, ...args: readonly string[]) {
  const writes = host.gate.writes.length;
  const calls = host.runtime.calls.length;
  const result = await run({ ...host, clock: { ...host.clock, sleep: untilAborted } }, ['doctor', ...args]);
  expect(host.gate.writes.slice(writes)).toEqual([]);
  expect(host.runtime.calls.slice(calls).filter((call) => call.startsWith('pullImage'))).toEqual([]);
  return result;
}

export async function problems(made: TestMachine) {
  const { code, stdout } = await doctor(made, '-o', 'json');
  const object = JSON.parse(stdout);
  expect({ code, healthy: object.healthy }).toEqual({
    code: object.problems.length > 0 ? 1 : 0,
    healthy: object.problems.length === 0,
  });
  return object.problems;
}

export const names = (found: readonly { readonly name: string }[]): readonly string[] =>
  found.map(({ name }) => name);
