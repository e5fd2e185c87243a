/** How reset handles etcd on a real node: its member, and data that is not kubeadm's. */
import { expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { configFile, runKubeadm, withNode, writeConfig } from '../support/node.ts';

const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system';

test('reset finds its etcd member without waiting for the mirror Pod of the API server', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    await runKubeadm(node, ['init', '--config', configFile]);
    const pod = `kube-apiserver-${(await node.mustExec(['hostname'])).trim()}`;
    await node.mustExec([
      'sh',
      '-c',
      `${kubectl} wait --for=create pod/${pod} --timeout=60s && systemctl stop kubelet && ` +
        `${kubectl} delete pod ${pod} --force --grace-period=0`,
    ]);
    const output = await runKubeadm(node, ['reset', '-f']);
    expect(output).not.toContain('for the API endpoint of node');
    expect(output).not.toContain('could not be removed');
    expect(output).toContain('[reset] Deleted contents of the etcd data directory: /var/lib/etcd\n');
  });
});

test('reset keeps the data of an external etcd in the default directory, with and without the API', async () => {
  await withNode(async (lab, node) => {
    const { programs } = await ensureComponents();
    await node.copyIn(programs.etcd, '/root/etcd');
    const external = { endpoints: ['http://127.0.0.1:2379'] };
    await writeConfig(lab, node, { cluster: { etcd: { external } } });
    await node.mustExec(['mkdir', '-p', '/var/lib/etcd/otherapp']);
    for (const withApi of [true, false]) {
      await node.mustExec(['systemd-run', '--unit=other-etcd', '/root/etcd', '--data-dir=/var/lib/etcd']);
      await runKubeadm(node, ['init', '--config', configFile]);
      if (!withApi) await node.mustExec(['systemctl', 'stop', 'other-etcd']);
      expect(await runKubeadm(node, ['reset', '-f'])).toContain(
        '[reset] No etcd config found. Assuming external etcd\n',
      );
      expect(await node.mustExec(['ls', '/var/lib/etcd'])).toBe('member\notherapp\n');
      if (withApi) await node.mustExec(['systemctl', 'stop', 'other-etcd']);
      await node.mustExec(['rm', '-r', '/var/lib/etcd/member']);
    }
  });
});
