import { describe, expect, test } from 'vitest';
import { readyMachine } from '../../phases/init/machine.fixture.ts';
import {
  addContainer,
  cannotRead,
  controlPlane,
  doctor,
  end,
  machine,
  minute,
  names,
  problems,
  restart,
  waitsForImage,
} from './doctor.fixture.ts';

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

  test('with a component that ended at once several times and has run for 15 s since', async () => {
    const made = await controlPlane();
    end(made.host, 'etcd', 'panic: no space left on device');
    restart(made.host, 'etcd');
    await made.host.clock.sleep(10_000);
    expect(names(await problems(made))).toEqual(['crash-loop']);
    await made.host.clock.sleep(5_000);
    expect(await problems(made)).toEqual([]);
  });

  test('after a manifest was corrected that the kubelet has not read again', async () => {
    const made = await controlPlane();
    const path = '/etc/kubernetes/manifests/kube-scheduler.yaml';
    made.host.runtime.containers.delete('kube-scheduler');
    made.host.runtime.sandboxes.delete('kube-scheduler-pod');
    made.host.programs.programs.set('journalctl', { stdout: cannotRead(path) });
    expect(names(await problems(made))).toEqual(['manifest-unreadable']);
    await made.host.files.write(path, await made.host.files.readText(path), { mode: 0o600 });
    expect(names(await problems(made))).toEqual(['component-not-running']);
    await made.host.clock.sleep(minute);
    expect(names(await problems(made))).toEqual(['manifest-unreadable']);
  });

  test('after the Pod is gone that waited for an image', async () => {
    const made = await controlPlane();
    addContainer(made.host, 'coredns');
    made.host.programs.programs.set('journalctl', { stdout: waitsForImage });
    expect(names(await problems(made))).toEqual(['image-missing']);
    made.host.runtime.sandboxes.delete('coredns-pod');
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
      {
        name: 'crash-loop',
        component: 'coredns',
        summary: expect.stringContaining('plugin/loop: Loop'),
        commands: [
          'kubectl -n kube-system edit configmap coredns',
          'kubectl -n kube-system rollout restart deployment coredns',
        ],
      },
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
