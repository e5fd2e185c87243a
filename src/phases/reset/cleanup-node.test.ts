import { describe, expect, test } from 'vitest';
import { KubeadmError } from '../../errors.ts';
import { createMemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';
import { runRecordFile } from '../../names.ts';
import { fingerprintsOnDisk } from '../../run-record/fingerprints.ts';
import { cleanupNode } from './cleanup-node.ts';
import { inCluster, resetInput, runInDryRun, runPhase } from './reset.fixture.ts';

const kubeconfig = { clusters: [], users: [], contexts: [], currentContext: '' };
const kubernetesFiles = [
  '/etc/kubernetes/admin.conf',
  '/etc/kubernetes/super-admin.conf',
  '/etc/kubernetes/kubelet.conf',
  '/etc/kubernetes/bootstrap-kubelet.conf',
  '/etc/kubernetes/controller-manager.conf',
  '/etc/kubernetes/scheduler.conf',
];
const gone = [
  ...kubernetesFiles,
  '/etc/kubernetes/manifests/etcd.yaml',
  '/etc/kubernetes/pki/ca.crt',
  '/etc/kubernetes/pki/etcd/ca.key',
  '/var/lib/kubelet/config.yaml',
  '/var/lib/kubelet/pods/a/volumes/x',
];
const kept = [
  '/etc/kubernetes/tmp/backup/etcd.yaml',
  '/etc/kubernetes/audit.yaml',
  '/etc/cni/net.d/10.conflist',
  '/root/.kube/config',
  '/var/lib/etcd/member/snap',
];

const mounts = ['/var/lib/kubelet/pods/a/volumes/x', '/var/lib/kubelet/pods/b/volumes/y'];

function sandbox(id: string) {
  return { id, name: `pod-${id}`, namespace: 'kube-system', uid: id, state: 'ready' } as const;
}

function machine(options: MemoryHostOptions = {}) {
  const files = Object.fromEntries([...gone, ...kept].map((path) => [path, 'x']));
  const host = createMemoryHost({
    services: { kubelet: { enabled: true, active: true } },
    ...options,
    files: { ...files, ...options.files },
  });
  for (const id of ['aaa', 'bbb']) host.runtime.sandboxes.set(id, sandbox(id));
  return host;
}

const left = (host: ReturnType<typeof machine>) => Object.keys(host.snapshot('/etc/kubernetes'));

describe('reset cleanup-node', () => {
  test('ends when it is interrupted while the kubelet does not stop', async () => {
    const onStop = async (): Promise<void> => await new Promise(() => undefined);
    const host = machine({ services: { kubelet: { enabled: true, active: true, onStop } } });
    const stop = new AbortController();
    const reason = new KubeadmError('interrupted', 'by SIGINT');
    host.gate.onWrite(({ kind }) => kind === 'service' && setImmediate(() => stop.abort(reason)));
    const { error, lines } = await runPhase(cleanupNode, host, resetInput(), stop.signal);
    expect(error).toBe(reason);
    expect(lines.filter((line) => line.startsWith('warning'))).toEqual([]);
    expect(left(host)).toContain('/etc/kubernetes/admin.conf');
  });

  test('removes a Pod, too, that the runtime was still making', async () => {
    const host = machine();
    let late = false;
    host.gate.onWrite(({ kind }) => {
      if (kind === 'cri' && !late) host.runtime.sandboxes.set('late', sandbox('late'));
      late ||= kind === 'cri';
    });
    expect((await runPhase(cleanupNode, host, resetInput())).error).toBeUndefined();
    expect(late).toBe(true);
    expect([...host.runtime.sandboxes.keys()]).toEqual([]);
  });

  test('looks again when the runtime can no longer be making a Pod for the kubelet', async () => {
    const cutOff = {
      command: 'reset',
      startedAt: '',
      certificatesDir: '/etc/kubernetes/pki',
      rootless: false,
      fingerprints: {},
    } as const;
    const stopped = { services: { kubelet: { active: false } } };
    for (const [options, input] of [
      [{}, resetInput()],
      [stopped, resetInput({ unfinished: cutOff })],
    ] as const) {
      const host = machine({ ...options, time: 'manual' });
      host.runtime.sandboxes.clear();
      const run = runPhase(cleanupNode, host, input);
      await host.time.advance(300);
      host.runtime.sandboxes.set('late', sandbox('late'));
      await host.time.advance(200);
      expect((await run).error).toBeUndefined();
      expect([...host.runtime.sandboxes.keys()]).toEqual([]);
      const kinds = host.gate.writes.map(({ kind }) => kind);
      expect(kinds.lastIndexOf('cri')).toBeLessThan(kinds.indexOf('remove'));
    }
  });

  test.each([
    ['emptied before', { emptiedEtcdDataDir: '/var/lib/etcd' }, false],
    ['left', {}, true],
    ['emptied in another cluster', { emptiedEtcdDataDir: '/var/lib/etcd', fingerprints: {} }, true],
  ])(
    'the data of an etcd that was started again is deleted if the directory was %s',
    async (_, known, isLeft) => {
      const fingerprints = await fingerprintsOnDisk(machine(), '/etc/kubernetes/pki');
      const record = {
        format: 2,
        command: 'reset',
        startedAt: '',
        certificatesDir: '/etc/kubernetes/pki',
        rootless: false,
        fingerprints,
        ...known,
      };
      const host = machine({ files: { [runRecordFile]: JSON.stringify(record) } });
      const { error } = await runPhase(cleanupNode, host, resetInput());
      expect(error).toBeUndefined();
      expect(Object.hasOwn(host.snapshot('/var/lib'), '/var/lib/etcd/member/snap')).toBe(isLeft);
      const kinds = host.gate.writes.map(({ kind, target }) => `${kind} ${target}`);
      const pods = kinds.findLastIndex((kind) => kind.startsWith('cri'));
      if (!isLeft) expect(kinds.findIndex((kind) => kind.includes('/var/lib/etcd'))).toBeGreaterThan(pods);
    },
  );

  test('is interrupted in that wait, too', async () => {
    const host = machine({ time: 'manual' });
    const stop = new AbortController();
    const run = runPhase(cleanupNode, host, resetInput(), stop.signal);
    await host.time.advance(100);
    stop.abort(new Error('interrupted'));
    expect((await run).error).toMatchObject({ message: 'interrupted' });
    expect(host.gate.writes.map(({ kind }) => kind)).not.toContain('remove');
  });

  test('does not wait where no kubelet ran', async () => {
    const host = machine({ services: { kubelet: { active: false } } });
    await runPhase(cleanupNode, host, resetInput());
    expect(host.clock.monotonic()).toBe(0);
    expect(host.runtime.sandboxes.size).toBe(0);
  });

  test('removes what kubeadm made, and leaves the rest', async () => {
    const host = machine();
    const { error, lines } = await runPhase(cleanupNode, host, resetInput());
    expect(error).toBeUndefined();
    const after = host.snapshot();
    for (const path of gone) expect(after[path]).toBeUndefined();
    for (const path of [...kept, '/etc/kubernetes/manifests/', '/etc/kubernetes/pki/', '/var/lib/kubelet/']) {
      expect(after[path]).toBeDefined();
    }
    expect(host.runtime.sandboxes.size).toBe(0);
    expect(host.units.get('kubelet')).toMatchObject({ active: false, enabled: true });
    expect(lines).toEqual([
      '[reset] Stopping the kubelet service',
      '[reset] Unmounting mounted directories in "/var/lib/kubelet"',
      '[reset] Deleting contents of directories: [/etc/kubernetes/manifests /var/lib/kubelet /etc/kubernetes/pki]',
      `[reset] Deleting files: [${kubernetesFiles.join(' ')}]`,
    ]);
  });

  test('stops the kubelet, unmounts, removes Pods, deletes: in this order', async () => {
    const host = machine();
    host.disk.mountPoints.add('/var/lib/kubelet/pods/a/volumes/x');
    await runPhase(cleanupNode, host, resetInput());
    const order = host.gate.writes.map(({ kind }) => kind);
    const first = (kind: (typeof order)[number]) => order.indexOf(kind);
    expect(first('service')).toBe(0);
    expect([...order].sort((a, b) => first(a) - first(b))).toEqual(order);
    expect([...new Set(order)]).toEqual(['service', 'mount', 'cri', 'remove']);
  });

  test('deletes nothing when something stays mounted', async () => {
    const host = machine();
    const before = host.snapshot();
    const point = '/var/lib/kubelet/pods/a/volumes/x';
    host.disk.mountPoints.add(point);
    host.disk.fail(point, 'EBUSY', 'unmount');
    const { error } = await runPhase(cleanupNode, host, resetInput());
    expect(error).toMatchObject({
      message: expect.stringContaining(point),
      hint: expect.stringContaining('MNT_DETACH'),
    });
    expect(host.snapshot()).toEqual(before);
    expect(host.runtime.sandboxes.size).toBe(2);
  });

  test('goes on where the kubelet or the runtime cannot be reached', async () => {
    const host = machine({ services: { kubelet: { stopError: 'timeout' } } });
    host.runtime.reachable = false;
    const { error, lines } = await runPhase(cleanupNode, host, resetInput());
    expect(error).toBeUndefined();
    expect(lines.filter((line) => line.startsWith('warning'))).toEqual([
      expect.stringContaining('could not be stopped'),
      expect.stringContaining('stopped manually'),
      expect.stringContaining('failed to remove containers'),
    ]);
    expect(left(host)).not.toContain('/etc/kubernetes/admin.conf');
    const none = await runPhase(cleanupNode, machine({ initSystem: 'none' }), resetInput());
    expect(none.lines.slice(0, 2)).toEqual([
      expect.stringContaining('Unable to detect a supported init system'),
      expect.stringContaining('stopped manually'),
    ]);
  });

  test.each([
    ['the kubelet is stopped', 'service', 'stop kubelet', []],
    ['a mount is gone', 'mount', mounts[1], []],
    ['a Pod is stopped', 'cri', 'stopPodSandbox aaa', ['cri']],
    ['the manifests are deleted', 'remove', '/etc/kubernetes/manifests/etcd.yaml', []],
    ['a kubeconfig is deleted', 'remove', '/etc/kubernetes/admin.conf', []],
  ])('ends with the signal after %s, and goes on from there', async (_, kind, target, inFlight) => {
    const options = {
      files: { '/proc/mounts': mounts.map((path) => `tmpfs ${path} tmpfs rw 0 0\n`).join('') },
    };
    const undisturbed = machine(options);
    await runPhase(cleanupNode, undisturbed, resetInput());

    const host = machine(options);
    for (const path of mounts) host.disk.mountPoints.add(path);
    const stop = new AbortController();
    const reason = new KubeadmError('interrupted', 'by SIGTERM');
    let cut = 0;
    host.gate.onWrite((write, count) => {
      if (write.kind !== kind || write.target !== target) return;
      cut = count;
      stop.abort(reason);
    });
    const { error, lines } = await runPhase(cleanupNode, host, resetInput(), stop.signal);
    expect(error).toBe(reason);
    expect(lines.filter((line) => line.startsWith('warning'))).toEqual([]);
    expect(host.gate.writes.slice(cut).map((write) => write.kind)).toEqual(inFlight);

    expect((await runPhase(cleanupNode, host, resetInput())).error).toBeUndefined();
    expect(host.snapshot()).toEqual(undisturbed.snapshot());
    expect(host.runtime.sandboxes.size).toBe(0);
  });

  test('does not try a Pod again when it is interrupted', async () => {
    const host = machine();
    const stop = new AbortController();
    const cri: typeof host.cri = (socket) => ({
      ...host.cri(socket),
      stopPodSandbox: async (id) => {
        stop.abort(new Error('interrupted'));
        return host.cri(socket).stopPodSandbox(`${id} of nobody`);
      },
    });
    host.runtime.stopErrors.set('aaa of nobody', 'still running');
    await runPhase(cleanupNode, { ...host, cri }, resetInput(), stop.signal);
    expect(host.runtime.calls.filter((call) => call.startsWith('stopPodSandbox aaa'))).toHaveLength(1);
  });

  test('tries each Pod 5 times, then names it', async () => {
    const host = machine();
    host.runtime.stopErrors.set('aaa', 'still running');
    const { lines } = await runPhase(cleanupNode, host, resetInput());
    expect(host.runtime.calls.filter((call) => call === 'stopPodSandbox aaa')).toHaveLength(5);
    expect([...host.runtime.sandboxes.keys()]).toEqual(['aaa']);
    expect(lines).toContainEqual(expect.stringMatching(/^warning .*kube-system\/pod-aaa.*still running/));
  });

  test('follows a link at /var/lib/kubelet', async () => {
    const files = { '/mnt/kubelet/config.yaml': 'x', '/var/lib/kubelet': { link: '/mnt/kubelet' } };
    const host = createMemoryHost({ files });
    const { lines } = await runPhase(cleanupNode, host, resetInput());
    expect(host.snapshot('/mnt')).toEqual({ '/mnt/kubelet/': expect.anything() });
    expect(lines).toContain(
      '[reset] Deleting contents of directories: [/etc/kubernetes/manifests /mnt/kubelet /etc/kubernetes/pki]',
    );
  });

  test('takes a machine that has nothing to clean', async () => {
    const { error, lines } = await runPhase(cleanupNode, createMemoryHost(), resetInput());
    expect(error).toBeUndefined();
    expect(lines).toContainEqual(
      expect.stringMatching(/^warning .*Skipping unmount of directories in "\/var\/lib\/kubelet"/),
    );
  });

  test('obeys the certificates directory and the switch for temporary files', async () => {
    const host = machine({ files: { '/srv/pki/ca.key': 'x' } });
    const change = { certificatesDir: '/srv/pki', options: { cleanupTmpDir: true } };
    const { lines } = await runPhase(cleanupNode, host, resetInput(change));
    expect(lines).toContainEqual(expect.stringMatching(/^warning .*"\/srv\/pki"/));
    expect(Object.keys(host.snapshot('/srv/pki'))).toEqual([]);
    expect(left(host)).toContain('/etc/kubernetes/pki/ca.crt');
    expect(left(host)).toContain('/etc/kubernetes/tmp/');
    expect(left(host)).not.toContain('/etc/kubernetes/tmp/backup/etcd.yaml');
  });

  test('removes the users of a control plane without root', async () => {
    const passwd = 'root:x:0:0::/root:/bin/sh\n';
    const group = 'root:x:0:\n';
    const files = {
      '/etc/passwd': `${passwd}kubeadm-etcd:x:999:999::::/bin/false\n`,
      '/etc/group': `${group}kubeadm-etcd:x:999:\n`,
    };
    const cluster = inCluster(kubeconfig, { featureGates: { RootlessControlPlane: true } });
    const host = machine({ files });
    await runPhase(cleanupNode, host, resetInput({ cluster }));
    expect(host.snapshot()['/etc/passwd']?.text).toBe(passwd);
    expect(host.snapshot()['/etc/group']?.text).toBe(group);
    const other = machine({ files });
    await runPhase(cleanupNode, other, resetInput({ cluster: inCluster(kubeconfig) }));
    expect(other.snapshot()['/etc/passwd']?.text).toContain('kubeadm-etcd');
  });

  test('only says what it would do in a dry run', async () => {
    const host = machine({
      files: {
        '/etc/passwd': 'kubeadm-etcd:x:999:999::::/bin/false\n',
        '/etc/group': 'kubeadm-etcd:x:999:\n',
        '/proc/mounts': mounts.map((path) => `tmpfs ${path} tmpfs rw 0 0\n`).join(''),
      },
    });
    const before = host.snapshot();
    const cluster = inCluster(kubeconfig, { featureGates: { RootlessControlPlane: true } });
    const input = resetInput({ cluster, options: { cleanupTmpDir: true } });
    const { lines } = await runInDryRun(cleanupNode, host, input);
    expect(host.snapshot()).toEqual(before);
    expect(host.gate.writes).toEqual([]);
    expect(host.units.get('kubelet')?.active).toBe(true);
    expect(lines).toEqual([
      '[dryrun] Would stop the kubelet service',
      '[dryrun] Would unmount "/var/lib/kubelet/pods/b/volumes/y"',
      '[dryrun] Would unmount "/var/lib/kubelet/pods/a/volumes/x"',
      '[dryrun] Would stop the Pod sandbox kube-system/pod-aaa (aaa)',
      '[dryrun] Would stop the Pod sandbox kube-system/pod-bbb (bbb)',
      '[dryrun] Would remove the Pod sandbox kube-system/pod-aaa (aaa)',
      '[dryrun] Would remove the Pod sandbox kube-system/pod-bbb (bbb)',
      '[dryrun] Would delete contents of the directory "/etc/kubernetes/manifests"',
      '[dryrun] Would delete contents of the directory "/var/lib/kubelet"',
      '[dryrun] Would delete contents of the directory "/etc/kubernetes/pki"',
      '[dryrun] Would delete contents of the directory "/etc/kubernetes/tmp"',
      ...kubernetesFiles.map((file) => `[dryrun] Would delete "${file}"`),
      '[dryrun] Would write file "/etc/passwd"',
      '[dryrun] Would write file "/etc/group"',
    ]);
  });
});
