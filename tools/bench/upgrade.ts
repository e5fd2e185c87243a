/** The measured upgrades: a cluster of two control planes and a worker, from the earlier release to this one. */
import { ensureComponents } from '../../components/index.ts';
import { expectedPods, waitForCluster } from '../../lab/cluster.ts';
import { upstream } from '../../test/support/interop.ts';
import { first, initFirst, joinAll, type Program } from '../../test/support/many.ts';
import { earlier, ignored, useLaterUpstream, withEarlierMachines } from '../../test/support/upgrade.ts';
import { type Measured, measure } from './measure.ts';
import { type Bench, type Figure, figure, inTurns, type Side } from './series.ts';

const programs: Readonly<Record<Side, Program>> = { ours: 'kubeadm', upstream };
/** A run makes a cluster, and takes minutes. */
const mostPairs = 3;

const steps = [
  { node: 'cp1', command: 'apply', name: '`upgrade apply` of the first control plane' },
  { node: 'cp2', command: 'node', name: '`upgrade node` of the second control plane' },
  { node: 'w1', command: 'node', name: '`upgrade node` of a worker' },
] as const;

/** Measures `upgrade apply` and `upgrade node`. This kubeadm makes the cluster of each run, and the images are present. */
export async function upgradeRuns(bench: Bench): Promise<readonly Figure[]> {
  const { kubernetes } = await ensureComponents();
  const fewer = { ...bench, pairs: Math.min(bench.pairs, mostPairs) };
  const runs = await inTurns(fewer, 'init, two joins and three upgrades', (side) =>
    withEarlierMachines(
      async (machines) => {
        const admin = first(machines);
        await joinAll(machines, { invitation: await initFirst(machines) });
        await waitForCluster(admin, { pods: [...expectedPods('cp1'), ...expectedPods('cp2', false)] });
        const measured: Measured[] = [];
        for (const { command, node: name } of steps) {
          const node = machines.lab.node(name);
          await useLaterUpstream(node);
          const words = command === 'apply' ? [command, kubernetes, '-y'] : [command];
          measured.push(await measure(node, [programs[side], 'upgrade', ...words, ...ignored.split(' ')]));
        }
        return measured;
      },
      { controlPlanes: 2, workers: 1 },
    ),
  );
  const seconds = steps.map(({ name }, index) =>
    figure(`${name}, from ${earlier}`, 's', runs, (run) => run[index]?.seconds ?? Number.NaN),
  );
  return [
    ...seconds,
    figure('`upgrade apply`: peak memory', 'MiB', runs, ([apply]) => apply?.peakMiB ?? Number.NaN),
  ];
}
