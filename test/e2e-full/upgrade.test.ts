/** Clusters of the earlier release change to this one: two control planes and a worker, while a client writes. */
import { expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { kubectl } from '../../lab/cluster.ts';
import type { LabNode } from '../../lab/index.ts';
import { withApiWriter } from '../support/api-writer.ts';
import { run, upstream } from '../support/interop.ts';
import {
  allNodes,
  expectReady,
  first,
  initFirst,
  joinAll,
  type Machines,
  type Program,
} from '../support/many.ts';
import { runKubeadm, runSuite } from '../support/node.ts';
import {
  earlierComponents,
  expectImages,
  ignored,
  replaceKubelet,
  timedUpgrade,
  useLaterUpstream,
  withEarlierMachines,
} from '../support/upgrade.ts';

/** Makes a cluster of the earlier release on all machines. */
async function makeEarlierCluster(machines: Machines, program: Program): Promise<void> {
  const invitation = await initFirst(machines, { program });
  await joinAll(machines, { invitation, programOf: () => program });
  await expectReady(machines, allNodes(machines));
  await expectImages(first(machines), machines.kubernetes);
  await runSuite(first(machines), []);
}

async function expectPlan(node: LabNode, from: string, to: string): Promise<void> {
  const plan = await runKubeadm(node, ['upgrade', 'plan', to, '-o', 'json']);
  const api = { name: 'kube-apiserver', currentVersion: from, newVersion: to };
  const components = expect.arrayContaining(['cp1', 'cp2'].map((nodeName) => ({ ...api, nodeName })));
  expect(JSON.parse(plan)).toMatchObject({ kind: 'UpgradePlan', availableUpgrades: [{ components }] });
  const diff = await runKubeadm(node, ['upgrade', 'diff', to]);
  expect(diff).toContain(`+    image: registry.k8s.io/kube-apiserver:${to}`);
}

/** Upgrades the first control plane and then the other nodes. Returns the seconds of each command. */
async function upgradeAll(
  { controlPlanes, workers }: Machines,
  program: Program,
): Promise<Readonly<Record<string, number>>> {
  const { kubernetes } = await ensureComponents();
  const seconds: Record<string, number> = {};
  for (const node of [...controlPlanes, ...workers]) {
    await useLaterUpstream(node);
    const command = node === controlPlanes[0] ? `apply ${kubernetes} -y` : 'node';
    seconds[node.name] = await timedUpgrade(node, program, `${command} ${ignored}`);
  }
  return seconds;
}

const cases: readonly (readonly [maker: Program, changer: Program])[] = [
  ['kubeadm', 'kubeadm'],
  [upstream, 'kubeadm'],
  [upstream, upstream],
];

test.each(cases)('a cluster that %s has made changes to this release with %s', async (maker, changer) => {
  const { kubernetes: from } = await earlierComponents();
  const { kubernetes: to } = await ensureComponents();
  await withEarlierMachines(
    async (machines) => {
      await makeEarlierCluster(machines, maker);
      const admin = first(machines);
      if (changer === 'kubeadm') await expectPlan(admin, from, to);
      const endpoint = `${machines.balancer.addresses.ipv4}:6443`;
      const { report, seconds } = await withApiWriter(
        machines.balancer,
        { admin, endpoint },
        async (writer) => {
          const seconds = await upgradeAll(machines, changer);
          for (const node of allNodes(machines)) await replaceKubelet(node, admin);
          await expectImages(admin, to);
          await expectReady(machines, allNodes(machines));
          return { seconds, report: await writer.stop(admin) };
        },
      );
      const { acknowledged, failed, longestGapMs, lost } = report;
      const steps = Object.entries(seconds).map(([name, value]) => `${name} ${value.toFixed(1)} s`);
      console.log(
        `figure upgrade of a cluster of ${maker} with ${changer}: ${steps.join(', ')}; ` +
          `${acknowledged} writes, ${failed} failed, ${lost.length} lost, longest gap ${longestGapMs} ms`,
      );
      expect(lost).toEqual([]);
      await runSuite(admin, []);
      await kubectl(admin, ['delete', 'namespace', 'written', '--wait=false']);
      for (const node of allNodes(machines)) await run(node, 'kubeadm', 'reset -f');
    },
    { controlPlanes: 2, workers: 1 },
  );
});
