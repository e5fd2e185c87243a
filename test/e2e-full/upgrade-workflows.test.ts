/** Upgrades of clusters with patches, and of clusters that replaced the addons. */
import { expect, test } from 'vitest';

import { kubectl } from '../../lab/cluster.ts';
import type { LabNode } from '../../lab/index.ts';
import { run } from '../support/interop.ts';
import { allNodes, expectReady, first, initFirst, joinNode, withMachines } from '../support/many.ts';
import { upgradeToSame } from '../support/upgrade.ts';

const patches = '/root/patches';
const directory = { patches: { directory: patches } };
const mark = '{"metadata":{"annotations":{"patched":"true"}}}';
// The manifest of kube-scheduler has labels and no annotations.
const added = JSON.stringify([{ op: 'add', path: '/metadata/labels/patched', value: 'true' }]);

/** One patch of each form, as upstream's workflow has them. */
async function writePatches(node: LabNode): Promise<void> {
  const texts = {
    'etcd.json': mark,
    'kube-apiserver+merge.json': mark,
    'kube-controller-manager0+strategic.json': mark,
    'kube-scheduler+json.json': added,
    'kubeletconfiguration+strategic.yaml': 'shutdownGracePeriod: 1s\n',
  };
  for (const [name, text] of Object.entries(texts)) await node.writeFile(`${patches}/${name}`, text);
}

async function expectPatched(node: LabNode): Promise<void> {
  const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  for (const name of names)
    expect(await node.readFile(`/etc/kubernetes/manifests/${name}.yaml`), name).toContain('patched: "true"');
  expect(await node.readFile('/var/lib/kubelet/config.yaml')).toContain('shutdownGracePeriod: 1s');
}

test('an upgrade applies the patches of init and join again', async () => {
  await withMachines(
    async (machines) => {
      const { controlPlanes, workers } = machines;
      for (const node of allNodes(machines)) await writePatches(node);
      const invitation = await initFirst(machines, { fields: { init: directory } });
      for (const node of controlPlanes.slice(1))
        await joinNode(machines, node, { invitation, controlPlane: true, join: directory });
      for (const node of workers) await joinNode(machines, node, { invitation, join: directory });
      for (const node of controlPlanes) await expectPatched(node);
      await upgradeToSame(machines, ` --patches ${patches}`);
      for (const node of controlPlanes) await expectPatched(node);
      await expectReady(machines, allNodes(machines));
    },
    { controlPlanes: 2, workers: 1 },
  );
});

/** Makes the cluster one whose addons come from elsewhere. */
async function takeAddonsAway(admin: LabNode): Promise<void> {
  const where = ['-n', 'kube-system'];
  for (const name of ['kube-proxy', 'coredns']) await kubectl(admin, [...where, 'delete', 'configmap', name]);
}

async function disableAddons(admin: LabNode): Promise<void> {
  const where = ['-n', 'kube-system'];
  const path = 'jsonpath={.data.ClusterConfiguration}';
  const text = await kubectl(admin, [...where, 'get', 'configmap', 'kubeadm-config', '-o', path]);
  expect(text).toMatch(/^dns: \{\}$/m);
  expect(text).toMatch(/^proxy: \{\}$/m);
  const ClusterConfiguration = text
    .replace(/^dns: \{\}$/m, 'dns: {disabled: true}')
    .replace(/^proxy: \{\}$/m, 'proxy: {disabled: true}');
  const patch = JSON.stringify({ data: { ClusterConfiguration } });
  await kubectl(admin, [...where, 'patch', 'configmap', 'kubeadm-config', '-p', patch]);
}

test('a cluster without the ConfigMaps of the addons is joined and upgraded, and gets none', async () => {
  await withMachines(
    async (machines) => {
      const admin = first(machines);
      const invitation = await initFirst(machines);
      await takeAddonsAway(admin);
      for (const node of machines.workers) await joinNode(machines, node, { invitation });
      await disableAddons(admin);
      const ignored =
        '--ignore-preflight-errors SystemVerification,CoreDNSMigration,CoreDNSUnsupportedPlugins';
      await run(admin, 'kubeadm', `upgrade plan ${machines.kubernetes} ${ignored}`);
      await run(admin, 'kubeadm', `upgrade apply ${machines.kubernetes} -f ${ignored}`);
      const names = await kubectl(admin, ['-n', 'kube-system', 'get', 'configmaps', '-o', 'name']);
      expect(names.split('\n')).not.toContain('configmap/kube-proxy');
      expect(names.split('\n')).not.toContain('configmap/coredns');
    },
    { workers: 1 },
  );
});
