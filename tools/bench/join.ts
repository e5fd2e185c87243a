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
import {
  controlPlaneStretches,
  ourPhases,
  type PhaseRun,
  type PhaseRuns,
  type Stretch,
  upstreamPhases,
  workerStretches,
} from './phases.ts';
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

type Joined = (typeof steps)[number]['node'];

interface Grown {
  readonly init: Measured;
  readonly joins: Readonly<Record<Joined, Measured>>;
  /** The seconds from the start of init to the end of the last join. */
  readonly seconds: number;
}

interface GrowOptions {
  readonly fields?: InitOptions['fields'];
  /** The arguments of each join that show its phases. */
  readonly details?: readonly string[];
}

async function grow(
  machines: Machines,
  side: Side,
  { details = [], fields = {} }: GrowOptions = {},
): Promise<Grown> {
  const { lab } = machines;
  const program = programs[side];
  await writeInitConfig(machines, fields);
  // The networks of the Pods exist from the start, so that no step waits for a command of the lab.
  await installPodNetwork(lab, { podSubnets: [podSubnet] });
  const started = performance.now();
  const init = await measure(first(machines), [program, 'init', '--config', configFile, '--upload-certs']);
  const invitation = readInvitation(init.lines.map(({ text }) => text).join('\n'));
  const joins: Partial<Record<Joined, Measured>> = {};
  for (const { node: name } of steps) {
    const node = lab.node(name);
    const controlPlane = machines.controlPlanes.includes(node);
    await writeJoinConfig(machines, node, { invitation, controlPlane });
    joins[name] = await measure(node, [program, 'join', '--config', configFile, ...details]);
  }
  const seconds = (performance.now() - started) / 1000;
  return { init, joins: joins as Grown['joins'], seconds };
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
    ...steps.map(({ name, node }) => figure(name, 's', runs, ({ joins }) => joins[node].seconds)),
    figure('three control planes and two workers', 's', runs, ({ seconds }) => seconds),
    figure('`join` of a worker later: processor time', 's', runs, ({ joins }) => joins.w2.cpuSeconds),
    figure(
      '`join` of the second control plane: processor time',
      's',
      runs,
      ({ joins }) => joins.cp2.cpuSeconds,
    ),
    figure('`join` of the second control plane: peak memory', 'MiB', runs, ({ joins }) => joins.cp2.peakMiB),
    figure('`reset -f` of a member', 's', runs, ({ reset }) => reset.seconds),
  ];
}

export interface JoinDetails {
  /** The requests of kubeadm to all API servers during each join, by their audit logs. */
  readonly requests: readonly Figure[];
  /** The join of a worker right after init. */
  readonly worker: PhaseRuns;
  /** The join of the second control plane. */
  readonly controlPlane: PhaseRuns;
}

const events = '/root/events.json';
const details: Readonly<Record<Side, readonly string[]>> = {
  ours: ['--output-events', `json=${events}`],
  upstream: ['-v', '1'],
};

/** Measures the phases and the requests of the joins, in at most three other pairs, because the details take time. */
export async function joinDetails(bench: Bench): Promise<JoinDetails> {
  const few = { ...bench, pairs: Math.min(3, bench.pairs) };
  const runs = await inTurns(few, 'phases and requests of the joins', (side) =>
    withMachines(async (machines) => {
      for (const node of machines.controlPlanes) await writeAuditPolicy(node);
      const { joins } = await grow(machines, side, { fields: auditFields, details: details[side] });
      const requests = (await Promise.all(machines.controlPlanes.map(auditedRequests))).flat();
      const phasesOf = async (name: Joined, stretches: readonly Stretch[]): Promise<PhaseRun> =>
        side === 'upstream'
          ? upstreamPhases(joins[name], stretches)
          : ourPhases(await machines.lab.node(name).readFile(events), joins[name], stretches);
      return {
        count: (name: Joined) =>
          requests.filter(({ at }) => at >= joins[name].from && at <= joins[name].to).length,
        worker: await phasesOf('w1', workerStretches),
        controlPlane: await phasesOf('cp2', controlPlaneStretches),
      };
    }, size),
  );
  const pick = (name: 'worker' | 'controlPlane'): PhaseRuns => ({
    ours: runs.ours.map((run) => run[name]),
    upstream: runs.upstream.map((run) => run[name]),
  });
  return {
    requests: steps.map(({ name, node }) =>
      figure(`${name}: requests to the API server`, '', runs, ({ count }) => count(node)),
    ),
    worker: pick('worker'),
    controlPlane: pick('controlPlane'),
  };
}
