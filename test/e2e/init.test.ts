import { expect, test } from 'vitest';

import { kubectl, proveCluster } from '../../lab/cluster.ts';
import {
  configFile,
  expectWorkingCluster,
  fileList,
  nodeName,
  runKubeadm,
  withNode,
  writeConfig,
} from '../support/node.ts';

/** What init makes and reset takes away again. */
const folders = ['/etc/kubernetes', '/var/lib/kubelet', '/var/lib/etcd'];

test('init makes a working cluster, and reset leaves the node as it was', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    const before = await fileList(node, folders);
    const output = await runKubeadm(node, ['init', '--config', configFile]);
    expect(output).toContain('[init] Using Kubernetes version: v1.36.2\n');
    expect(output).toContain('Your Kubernetes control-plane has initialized successfully!');
    expect(output).toMatch(
      /kubeadm join \S+:6443 --token \S+ \\\n\t--discovery-token-ca-cert-hash sha256:[0-9a-f]{64} \n/,
    );

    await expectWorkingCluster(lab, node);
    await proveCluster(node);
    const json: unknown = JSON.parse(await kubectl(node, ['get', 'node', nodeName, '-o', 'json']));
    expect(json).toMatchObject({
      metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } },
      spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] },
    });

    await runKubeadm(node, ['reset', '-f']);
    expect(await leftovers(node, before)).toEqual([]);
    const pods = await node.mustExec(['ctr', '-n', 'k8s.io', 'tasks', 'list', '-q']);
    expect(pods).toBe('');
    // What the kubelet had mounted, and what it ran.
    expect((await node.readFile('/proc/mounts')).match(/^\S+ \/var\/lib\/kubelet\/.*$/gm)).toBeNull();
    const processes = await node.mustExec(['ps', '-eo', 'comm=']);
    expect(processes).not.toMatch(/^(etcd|kube-|kubelet|coredns|pause)/m);
  });
});

/** Files that were not there before; empty directories that upstream's reset leaves as well do not count. */
async function leftovers(node: Parameters<typeof fileList>[0], before: string): Promise<readonly string[]> {
  const known = new Set(before.split('\n'));
  return (await fileList(node, folders))
    .split('\n')
    .filter((line) => line !== '' && !known.has(line) && !/ d$/.test(line));
}
