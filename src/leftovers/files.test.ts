import { describe, expect, test } from 'vitest';
import { cniConfiguration, cniState } from './cni-files.ts';
import { emptyFolders, podLogs, temporaryFiles } from './folders.ts';
import { context, usedMachine } from './leftovers.fixture.ts';

const pathsBelow = (host: ReturnType<typeof usedMachine>['host'], folder: string): readonly string[] =>
  Object.keys(host.snapshot(folder)).filter((path) => !path.endsWith('/'));

describe('CNI files', () => {
  test('of the cluster go, and those of Podman, nerdctl and CRI-O stay and are named', async () => {
    const gone = ['10-flannel.conflist', 'calico-kubeconfig', '05-cilium.conflist', 'multus.d/daemon.json'];
    const kept = [
      '87-podman-bridge.conflist',
      'nerdctl-bridge.conflist',
      '100-crio-bridge.conflist',
      'other/a.conf',
    ];
    const { host } = usedMachine(
      {},
      { files: Object.fromEntries([...gone, ...kept].map((name) => [`/etc/cni/net.d/${name}`, '{}'])) },
    );
    host.disk.put({
      '/etc/shared.conflist': '{}',
      '/etc/cni/net.d/20-link.conflist': { link: '/etc/shared.conflist' },
    });
    await cniConfiguration.remove?.(host, context);
    expect(pathsBelow(host, '/etc/cni/net.d').toSorted()).toEqual(
      kept.map((name) => `/etc/cni/net.d/${name}`).toSorted(),
    );
    expect(host.snapshot()['/etc/shared.conflist']).toBeDefined();
    const found = await cniConfiguration.find(host, context);
    expect(found.leftovers).toEqual([]);
    expect(found.kept.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
      '/etc/cni/net.d/100-crio-bridge.conflist: it belongs to the package of CRI-O',
      '/etc/cni/net.d/87-podman-bridge.conflist: it belongs to Podman',
      '/etc/cni/net.d/nerdctl-bridge.conflist: it belongs to nerdctl',
      '/etc/cni/net.d/other: it belongs to an unknown program',
    ]);
  });

  test('with addresses of the cluster go, and their empty folders, and those of Podman stay', async () => {
    const { host } = usedMachine(
      {},
      {
        files: {
          '/var/lib/cni/networks/lab/10.244.0.2': 'x',
          '/var/lib/cni/networks/podman/10.88.0.2': 'x',
          '/var/lib/cni/results/lab-0123-eth0': '{}',
          '/var/lib/cni/flannel/0123': '{}',
        },
      },
    );
    await cniState.remove?.(host, context);
    expect(Object.keys(host.snapshot('/var/lib/cni'))).toEqual([
      '/var/lib/cni/networks/',
      '/var/lib/cni/networks/podman/',
      '/var/lib/cni/networks/podman/10.88.0.2',
    ]);
    expect((await cniState.find(host, context)).leftovers).toEqual([]);
  });
});

describe('folders', () => {
  test('that are empty go, also those that hold only such folders, and others stay and are named', async () => {
    const { host } = usedMachine(
      {},
      {
        files: {
          '/etc/kubernetes/pki/etcd': { directory: true },
          '/etc/kubernetes/manifests': { directory: true },
          '/var/lib/kubelet': { directory: true },
          '/var/lib/etcd/otherapp': 'x',
          '/usr/libexec/kubernetes/kubelet-plugins/volume/exec': { directory: true },
        },
      },
    );
    await emptyFolders.remove?.(host, context);
    const paths = Object.keys(host.snapshot());
    for (const gone of ['/etc/kubernetes/', '/var/lib/kubelet/', '/usr/libexec/kubernetes/']) {
      expect(paths).not.toContain(gone);
    }
    expect(paths).toContain('/var/lib/etcd/otherapp');
    expect(await emptyFolders.find(host, context)).toMatchObject({
      leftovers: [],
      kept: [{ name: '/var/lib/etcd', reason: 'it is not empty: otherapp' }],
    });
  });

  test('that are links or mount points stay, and are named', async () => {
    const { host } = usedMachine(
      {},
      {
        files: {
          '/data/kubelet': { directory: true },
          '/var/lib/kubelet': { link: '/data/kubelet' },
          '/var/lib/etcd': { directory: true },
          '/proc/mounts': '/dev/sdb1 /var/lib/etcd ext4 rw 0 0\n',
        },
      },
    );
    const { kept, leftovers } = await emptyFolders.find(host, context);
    expect(leftovers).toEqual([]);
    expect(kept.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
      '/var/lib/kubelet: it is not a folder that kubeadm made',
      '/var/lib/etcd: something is mounted on it',
    ]);
  });

  test('with the logs of Pods and the backups of kubeadm are emptied, and files of others stay', async () => {
    const { host } = usedMachine(
      {},
      {
        files: {
          '/var/log/pods/kube-system_etcd-a_1/etcd/0.log': 'x',
          '/var/log/containers/etcd.log': { link: '/var/log/pods/kube-system_etcd-a_1/etcd/0.log' },
          '/var/log/syslog': 'x',
          '/etc/kubernetes/tmp/kubeadm-backup-etcd-2026/etcd/x': 'x',
          '/etc/kubernetes/tmp/mine': 'x',
        },
      },
    );
    await podLogs.remove?.(host, context);
    await temporaryFiles.remove?.(host, context);
    expect([...pathsBelow(host, '/var/log'), ...pathsBelow(host, '/etc/kubernetes')]).toEqual([
      '/var/log/syslog',
      '/etc/kubernetes/tmp/mine',
    ]);
    expect((await temporaryFiles.find(host, context)).kept).toEqual([
      { kind: 'file', name: '/etc/kubernetes/tmp/mine', reason: 'kubeadm did not make it' },
    ]);
  });

  test('of which one cannot be removed do not stop the others', async () => {
    const { host } = usedMachine(
      {},
      { files: { '/etc/kubernetes/tmp/kubeadm-a': 'x', '/etc/kubernetes/tmp/kubeadm-b': 'x' } },
    );
    host.disk.fail('/etc/kubernetes/tmp/kubeadm-a', 'EPERM', 'removeTree');
    await expect(temporaryFiles.remove?.(host, context)).rejects.toMatchObject({ code: 'file' });
    expect(pathsBelow(host, '/etc/kubernetes')).toEqual(['/etc/kubernetes/tmp/kubeadm-a']);
  });
});
