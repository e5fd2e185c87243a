import { expect, test } from 'vitest';

import { kubectl } from '../../lab/cluster.ts';
import { configFile, expectWorkingCluster, runKubeadm, withNode, writeConfig } from '../support/node.ts';

test('init with an external CA never needs the key of the CA', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    // Prepares the files that the owner of the keys would provide: leaf certificates and kubeconfigs.
    for (const phase of ['certs', 'kubeconfig']) {
      await runKubeadm(node, ['init', 'phase', phase, 'all', '--config', configFile]);
    }
    await node.mustExec(['rm', '/etc/kubernetes/pki/ca.key', '/etc/kubernetes/pki/front-proxy-ca.key']);
    const prepared = async (): Promise<string> =>
      await node.mustExec(['sh', '-c', 'sha256sum /etc/kubernetes/*.conf /etc/kubernetes/pki/*.*']);
    const before = await prepared();

    await runKubeadm(node, ['init', '--config', configFile]);
    // In the end, the kubelet's kubeconfig refers to the certificate that the kubelet renews.
    const withoutKubelet = (list: string): readonly string[] =>
      list.split('\n').filter((line) => !line.includes('/kubelet.conf'));
    expect(withoutKubelet(await prepared())).toEqual(withoutKubelet(before));
    const manifest = await node.readFile('/etc/kubernetes/manifests/kube-controller-manager.yaml');
    expect(manifest).toContain('- --cluster-signing-cert-file=\n');
    expect(manifest).toContain('- --cluster-signing-key-file=\n');
    await expectWorkingCluster(lab, node);
    for (const name of ['ca.key', 'front-proxy-ca.key']) {
      expect((await node.exec(['test', '-e', `/etc/kubernetes/pki/${name}`])).code).toBe(1);
    }
    const running = await kubectl(node, [
      ...['-n', 'kube-system', 'get', 'pod', '-l', 'component=kube-controller-manager', '-o', 'json'],
    ]);
    expect(running).toContain('"--cluster-signing-key-file="');
  });
});
