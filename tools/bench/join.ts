/** The measured joins: a whole cluster of three control planes and two workers, and the reset of a member. */
import { expectedPods, waitForCluster } from '../../lab/cluster.ts';
import { installPodNetwork } from '../../lab/index.ts';
import { upstream } from '../../test/support/interop.ts';
import {
  first,
  type InitOptions,
  type Machines,
  type Program,
  readInvitation,
  withMachines,
  writeInitConfig,
  writeJoinConfig,
} from '../../test/support/many.ts';
import { configFile } from '../../test/support/node.ts';
import { auditedRequests, auditFields, writeAuditPolicy } from './audit.ts';
import { type Measured, measure } from './measure.ts';
import { type Bench, type Figure, figure, inTurns, type Side } from './series.ts';

const programs: Readonly<Record<Side, Program>> = { ours: 'kubeadm', upstream };
/** Of the lab's configuration of kubeadm. */
const podSubnet = '10.244.0.0/16';

/** The joins of a run, in their order. Each command is given as soon as the one before it has ended. */
const steps = [
  { node: 'w1', name: '`join` of a worker right after `init`' },
  { node: 'cp2', name: '`join` of the second control plane' },
  { node: 'cp3', name: '`join` of the third control plane' },
  { node: 'w2', name: '`join` of a worker later' },
] as const;

interface Grown {
  readonly init: Measured;
  /** In the order of the steps. */
  readonly joins: readonly Measured[];
  /** The seconds from the start of init to the end of the last join. */
  readonly seconds: number;
}

async function grow(machines: Machines, side: Side, fields: InitOptions['fields'] = {}): Promise<Grown> {
  const { controlPlanes, lab, workers } = machines;
  const program = programs[side];
  await writeInitConfig(machines, fields);
  // The networks of the Pods exist from the start, so that no step waits for a command of the lab.
  await installPodNetwork(lab, { podSubnets: [podSubnet] });
  const started = performance.now();
  const init = await measure(first(machines), [program, 'init', '--config', configFile, '--upload-certs']);
  const invitation = readInvitation(init.lines.map(({ text }) => text).join('\n'));
  const joins: Measured[] = [];
  for (const { node: name } of steps) {
    const node = [...controlPlanes, ...workers].find((one) => one.name === name);
    if (node === undefined) throw new RangeError(`there is no node ${name}`);
    const controlPlane = controlPlanes.includes(node);
    await writeJoinConfig(machines, node, { invitation, controlPlane });
    joins.push(await measure(node, [program, 'join', '--config', configFile]));
  }
  return { init, joins, seconds: (performance.now() - started) / 1000 };
}

const size = { controlPlanes: 3, workers: 2 };

/** Measures each join, the whole cluster, and the reset of a control plane when the cluster has come to rest. */
export async function joinRuns(bench: Bench): Promise<readonly Figure[]> {
  const runs = await inTurns(bench, 'init, four joins and reset', (side) =>
    withMachines(async (machines) => {
      const grown = await grow(machines, side);
      const last = machines.controlPlanes.at(-1);
      if (last === undefined) throw new RangeError('there is no control plane');
      await waitForCluster(first(machines), {
        pods: [...expectedPods('cp1'), ...expectedPods('cp3', false)],
      });
      const reset = await measure(last, [programs[side], 'reset', '-f']);
      return { ...grown, reset };
    }, size),
  );
  return [
    ...steps.flatMap(({ name }, index) => [
      figure(name, 's', runs, ({ joins }) => joins[index]?.seconds ?? Number.NaN),
    ]),
    figure('three control planes and two workers', 's', runs, ({ seconds }) => seconds),
    figure(
      '`join` of the second control plane: peak memory',
      'MiB',
      runs,
      ({ joins }) => joins[1]?.peakMiB ?? 0,
    ),
    figure('`reset -f` of a member', 's', runs, ({ reset }) => reset.seconds),
  ];
}

/** Counts the requests of kubeadm to all API servers during each join, by their audit logs. One run of each side. */
export async function requestCounts(bench: Bench): Promise<readonly Figure[]> {
  const runs = await inTurns({ ...bench, pairs: 1 }, 'requests of the joins', (side) =>
    withMachines(async (machines) => {
      for (const node of machines.controlPlanes) await writeAuditPolicy(node);
      const { joins } = await grow(machines, side, auditFields);
      const requests = (await Promise.all(machines.controlPlanes.map(auditedRequests))).flat();
      return joins.map(({ from, to }) => requests.filter(({ at }) => at >= from && at <= to).length);
    }, size),
  );
  return steps.map(({ name }, index) =>
    figure(`${name}: requests to the API server`, '', runs, (counts) => counts[index] ?? Number.NaN),
  );
}
