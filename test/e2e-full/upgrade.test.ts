/** A cluster that upstream's kubeadm of the earlier release has made changes to this release. */
import { expect, test } from 'vitest';

import { type Components, ensureComponents, ensurePrograms } from '../../components/index.ts';
import { expectedPods, kubectl, waitForCluster } from '../../lab/cluster.ts';
import { installPodNetwork, kubeadmConfig, type LabNode } from '../../lab/index.ts';
import { run, upstream } from '../support/interop.ts';
import { configFile, nodeName, runKubeadm, runSuite, withNode } from '../support/node.ts';

const earlier = '1.35';

/** The programs of the earlier release with the images of both releases. */
async function earlierNode(): Promise<Components> {
  const [before, after] = [await ensureComponents({ kubernetes: earlier }), await ensureComponents()];
  const known = new Set(before.images.map(({ reference }) => reference));
  const added = after.images.filter(({ reference }) => !known.has(reference));
  return { ...before, images: [...before.images, ...added] };
}

/** Gives the images of this release the names that the earlier kubeadm has for etcd, CoreDNS and the sandbox. */
async function nameEarlierImages(node: LabNode, { images, kubernetes }: Components): Promise<void> {
  const list = await node.mustExec([
    upstream,
    'config',
    'images',
    'list',
    '--kubernetes-version',
    kubernetes,
  ]);
  const known = images.map(({ reference }) => reference);
  for (const wanted of list.trim().split('\n')) {
    const name = `${wanted.slice(0, wanted.lastIndexOf(':'))}:`;
    const other = known.find((reference) => reference.startsWith(name));
    if (known.includes(wanted) || other === undefined) continue;
    await node.mustExec(['ctr', '-n', 'k8s.io', 'images', 'tag', other, wanted]);
  }
}

async function imagesOf(node: LabNode): Promise<readonly string[]> {
  const text = await kubectl(node, [
    ...['-n', 'kube-system', 'get', 'pods', '-o'],
    'jsonpath={range .items[*]}{.spec.containers[*].image}{"\\n"}{end}',
  ]);
  const own = text.split('\n').filter((image) => image.startsWith('registry.k8s.io/kube-'));
  return [...new Set(own)].sort();
}

async function replaceKubelet(node: LabNode, kubelet: string): Promise<void> {
  await node.copyIn(kubelet, '/root/kubelet');
  const command = 'chmod 755 /root/kubelet && mv /root/kubelet "$(command -v kubelet)"';
  await node.mustExec(['sh', '-c', `systemctl stop kubelet && ${command} && systemctl start kubelet`]);
}

test('a cluster of upstream 1.35 changes to this release, and its kubelet after it', async () => {
  const components = await earlierNode();
  const { kubernetes, programs } = await ensureComponents();
  await withNode(
    async (lab, node) => {
      const { kubeadm } = await ensurePrograms(['kubeadm'], { kubernetes: earlier });
      await node.copyIn(kubeadm, `/usr/local/bin/${upstream}`);
      await nameEarlierImages(node, components);
      const fields = { addresses: node.addresses, kubernetes: components.kubernetes };
      await node.writeFile(configFile, kubeadmConfig(lab.adaptations, fields), 0o600);
      await run(node, upstream, `init --config ${configFile}`);
      await installPodNetwork(lab);
      await waitForCluster(node, { pods: expectedPods(nodeName) });

      const plan = await runKubeadm(node, ['upgrade', 'plan', kubernetes, '-o', 'json']);
      expect(JSON.parse(plan)).toMatchObject({
        kind: 'UpgradePlan',
        availableUpgrades: [
          {
            components: expect.arrayContaining([
              {
                name: 'kube-apiserver',
                currentVersion: components.kubernetes,
                newVersion: kubernetes,
                nodeName,
              },
            ]),
          },
        ],
      });
      const diff = await runKubeadm(node, ['upgrade', 'diff', kubernetes]);
      expect(diff).toContain(`+    image: registry.k8s.io/kube-apiserver:${kubernetes}`);
      const start = performance.now();
      await runKubeadm(node, [
        'upgrade',
        'apply',
        kubernetes,
        '-y',
        '--ignore-preflight-errors',
        'SystemVerification',
      ]);
      const seconds = (performance.now() - start) / 1000;
      process.stderr.write(
        `upgrade: ${components.kubernetes} to ${kubernetes} took ${seconds.toFixed(1)} s\n`,
      );
      await replaceKubelet(node, programs.kubelet);
      const version = ['get', 'node', nodeName, '-o', 'jsonpath={.status.nodeInfo.kubeletVersion}'];
      await expect.poll(() => kubectl(node, version).catch(String), { timeout: 120_000 }).toBe(kubernetes);
      await expect
        .poll(() => imagesOf(node), { timeout: 120_000 })
        .toEqual(
          ['apiserver', 'controller-manager', 'proxy', 'scheduler'].map(
            (name) => `registry.k8s.io/kube-${name}:${kubernetes}`,
          ),
        );
      await waitForCluster(node, { pods: expectedPods(nodeName) });
      await runSuite(node);
    },
    { components },
  );
});
