import { expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { adminKubeconfig } from '../../kubeconfig/kubeconfig.fixture.ts';
import { formatKubeconfig } from '../../kubeconfig/write.ts';
import { gatherFileSystems } from './file-systems.ts';
import { gatherListeners } from './listeners.ts';
import { gatherMachine } from './machine.ts';

const { signal } = new AbortController();

test('the look at file systems uses the mount that covers a directory, and the parent of a missing one', async () => {
  const host = createMemoryHost({
    files: {
      '/proc/self/mounts': '/dev/a / xfs rw 0 0\n/dev/b /var/lib/my\\040disk ext4 ro,noexec 0 0\n',
      '/var/lib/my disk': { directory: true },
    },
    programs: {
      stat: (args) => ({
        code: 1,
        stdout: args
          .slice(2)
          .map((path, index) => `100 ${index + 3} 4096 ${index === 0 ? 0 : 50} 7 ${path}\n`)
          .join(''),
      }),
    },
  });
  expect(await gatherFileSystems(host, ['/var/lib/etcd', '/var/lib/my disk'])).toEqual([
    { path: '/var/lib/etcd', mountPoint: '/', readOnly: false, noExec: false, freeBytes: 3 * 4096 },
    {
      path: '/var/lib/my disk',
      mountPoint: '/var/lib/my disk',
      readOnly: true,
      noExec: true,
      // The kernel gives two of the four blocks to nobody.
      freeBytes: 2 * 4096,
      freeInodes: 7,
    },
  ]);
});

test('an ext4 file system without a block for root is full, although the kernel counts free blocks', async () => {
  const host = createMemoryHost({
    files: { '/proc/self/mounts': '/dev/vda / ext4 rw 0 0\n' },
    programs: { stat: { stdout: '26214400 4096 4096 6553600 6000000 /\n' } },
  });
  expect(await gatherFileSystems(host, ['/'])).toMatchObject([{ freeBytes: 0, freeInodes: 6_000_000 }]);
});

test('the look at listeners reads addresses, ports and programs of ss', async () => {
  const stdout = [
    'LISTEN 0 4096 127.0.0.1:2381 0.0.0.0:* users:(("etcd",pid=12,fd=9))',
    'LISTEN 0 4096 [::]:10250 [::]:*',
    '',
  ].join('\n');
  expect(await gatherListeners(createMemoryHost({ programs: { ss: { stdout } } }))).toEqual([
    { address: '127.0.0.1', port: 2381, program: 'etcd', pid: 12 },
    { address: '::', port: 10250 },
  ]);
  expect(await gatherListeners(createMemoryHost())).toBeUndefined();
});

test('the look at a machine without any program or file has no facts that are wrong', async () => {
  const host = createMemoryHost();
  const found = await gatherMachine(host, { withNode: true, signal });
  expect(found).toMatchObject({
    certificates: [],
    memoryKills: [],
    health: [],
    loopback: { up: true, hasAddress: true },
  });
  expect(found.fileSystems.every(({ freeBytes, readOnly }) => freeBytes === undefined && !readOnly)).toBe(
    true,
  );
  expect(found).not.toHaveProperty('endpoint');
  expect(found).not.toHaveProperty('node');
});

test('a staticPodPath that is a link to the manifests counts as their directory', async () => {
  const found = async (staticPodPath: string): Promise<string | undefined> => {
    const files = {
      '/etc/kubernetes/manifests': { directory: true },
      '/srv/pods': { link: '/etc/kubernetes/manifests' },
      '/var/lib/kubelet/config.yaml': `staticPodPath: ${staticPodPath}\n`,
    } as const;
    return (await gatherMachine(createMemoryHost({ files }), { withNode: false, signal })).staticPodPath;
  };
  expect(await found('/srv/pods')).toBe('/etc/kubernetes/manifests');
  expect(await found('/srv/other')).toBe('/srv/other');
});

test('the look at a machine asks the health endpoints that the manifests name', async () => {
  const host = createMemoryHost({
    files: {
      '/etc/kubernetes/manifests/kube-scheduler.yaml':
        'spec:\n  containers:\n  - command:\n    - kube-scheduler\n    - --bind-address=127.0.0.1\n    - --secure-port=20259\n',
      '/var/lib/kubelet/config.yaml': 'resolvConf: /etc/nothing\n',
    },
    http: {
      'https://127.0.0.1:20259/livez?verbose': {
        status: 500,
        body: '[+]ping ok\n[-]leader-election failed\n',
      },
    },
  });
  const { health, resolvConf } = await gatherMachine(host, { withNode: false, signal });
  expect(health).toMatchObject([
    { component: 'kubelet', isHealthy: false, answers: false },
    { component: 'kube-scheduler', isHealthy: false, answer: 'status 500 (leader-election failed)' },
  ]);
  expect(resolvConf).toEqual({ path: '/etc/nothing', exists: false });
});

test('the facts about the endpoint of the control plane have no password', async () => {
  const kubeconfig = formatKubeconfig({
    ...adminKubeconfig,
    clusters: [{ name: 'kubernetes', server: 'https://u:hunter2@10.0.0.5:6443' }],
  });
  const host = createMemoryHost({ files: { '/etc/kubernetes/kubelet.conf': kubeconfig } });
  const { endpoint } = await gatherMachine(host, { withNode: false, signal });
  expect(endpoint).toMatchObject({ server: 'https://10.0.0.5:6443', host: '10.0.0.5' });
  expect(endpoint?.error).not.toContain('hunter2');
});

test('the look at a machine changes nothing', async () => {
  const host = createMemoryHost({ programs: { ss: {}, stat: {}, journalctl: {} } });
  await gatherMachine(host, { withNode: true, signal });
  expect(host.gate.writes).toEqual([]);
  expect(host.programs.calls.filter(({ write }) => write)).toEqual([]);
});
