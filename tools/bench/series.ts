/** The measured runs. Ours and upstream's run in turns, so that a slow minute of the machine affects both. */
import type { Components } from '../../components/index.ts';
import { expectedPods, waitForCluster } from '../../lab/cluster.ts';
import { createLab, installPodNetwork, kubeadmConfig, type Lab, type LabNode } from '../../lab/index.ts';
import { initPhases } from '../../src/phases/init/index.ts';
import { type Measured, measure } from './measure.ts';
import { initStretches, ourPhases, type PhaseRuns, upstreamPhases } from './phases.ts';

export const sides = ['ours', 'upstream'] as const;
export type Side = (typeof sides)[number];

/** The values of each figure, pair by pair. */
export type Series = Readonly<Record<Side, readonly number[]>>;

/** The figure that is compared with the bare wait. */
export const wholeInit = '`init`, whole';

export interface Figure {
  readonly name: string;
  /** Empty for a count. */
  readonly unit: 's' | 'MiB' | '';
  readonly series: Series;
}

export interface Bench {
  readonly components: Components;
  /** The path of each side's kubeadm on this machine. */
  readonly programs: Readonly<Record<Side, string>>;
  readonly pairs: number;
  readonly report: (line: string) => void;
}

const nodeName = 'cp';
const config = '/root/kubeadm.yaml';
/** Of the lab's configuration of kubeadm. */
const podSubnet = '10.244.0.0/16';
const init = ['kubeadm', 'init', '--config', config];

/** Makes a fresh node with that side's kubeadm and a configuration, and deletes it afterwards. */
async function onFreshNode<T>(
  { components, programs }: Bench,
  side: Side,
  use: (lab: Lab, node: LabNode) => Promise<T>,
): Promise<T> {
  const lab = await createLab({ components, nodes: [{ name: nodeName, kubeadm: programs[side] }] });
  try {
    const node = lab.node(nodeName);
    const { addresses } = node;
    const text = kubeadmConfig(lab.adaptations, { addresses, kubernetes: components.kubernetes });
    await node.writeFile(config, text, 0o600);
    return await use(lab, node);
  } finally {
    await lab.delete();
  }
}

/** Runs both sides for each pair. The one that goes first changes from pair to pair. */
export async function inTurns<T>(
  { pairs, report }: Bench,
  what: string,
  run: (side: Side) => Promise<T>,
): Promise<Readonly<Record<Side, readonly T[]>>> {
  const results: Record<Side, T[]> = { ours: [], upstream: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const side of pair % 2 === 0 ? sides : sides.toReversed()) {
      report(`${what}, pair ${pair + 1} of ${pairs}: ${side}`);
      results[side].push(await run(side));
    }
  }
  return results;
}

interface Whole {
  readonly init: Measured;
  readonly readySeconds: number;
  readonly reset: Measured;
}

/** Measures a whole init on a fresh node, until all Pods are Ready, and the reset of that cluster. */
export async function wholeRuns(bench: Bench): Promise<readonly Figure[]> {
  const runs = await inTurns(bench, 'init and reset', (side) =>
    onFreshNode(bench, side, async (lab, node): Promise<Whole> => {
      const started = performance.now();
      const measured = await measure(node, init);
      await installPodNetwork(lab);
      await waitForCluster(node, { pods: expectedPods(nodeName) });
      const readySeconds = (performance.now() - started) / 1000;
      return { init: measured, readySeconds, reset: await measure(node, ['kubeadm', 'reset', '-f']) };
    }),
  );
  return [
    figure(wholeInit, 's', runs, (run) => run.init.seconds),
    figure('`init`, then a Pod network, to all Pods Ready', 's', runs, (run) => run.readySeconds),
    figure('`init`: processor time', 's', runs, (run) => run.init.cpuSeconds),
    figure('`init`: peak memory', 'MiB', runs, (run) => run.init.peakMiB),
    figure('`reset -f` of that cluster', 's', runs, (run) => run.reset.seconds),
    figure('`reset -f`: peak memory', 'MiB', runs, (run) => run.reset.peakMiB),
  ];
}

interface Ready {
  /** Seconds from the start of `init`. */
  readonly addons: number;
  readonly all: number;
}

/**
 * Runs `init` on a fresh node whose Pod network is configured beforehand, and waits until CoreDNS and kube-proxy are
 * Ready, then until the static Pods are Ready, too.
 */
export async function readyRuns(bench: Bench): Promise<readonly Figure[]> {
  const runs = await inTurns(bench, 'init with a Pod network', (side) =>
    onFreshNode(bench, side, async (lab, node): Promise<Ready> => {
      await installPodNetwork(lab, { podSubnets: [podSubnet] });
      const started = performance.now();
      const seconds = (): number => (performance.now() - started) / 1000;
      await measure(node, init);
      const pods = expectedPods(nodeName);
      await waitForCluster(node, { pods: pods.filter((name) => name.endsWith('-')) });
      const addons = seconds();
      await waitForCluster(node, { pods });
      return { addons, all: seconds() };
    }),
  );
  const name = '`init` with a Pod network from the start';
  return [
    figure(`${name}, to addons Ready`, 's', runs, (run) => run.addons),
    figure(`${name}, to all Pods Ready`, 's', runs, (run) => run.all),
  ];
}

/** Measures short commands, on one node for each side and several times in a pair. */
export async function shortRuns(bench: Bench): Promise<readonly Figure[]> {
  const several = { ...bench, pairs: bench.pairs * 4 };
  return await onFreshNode(bench, 'ours', (_, ours) =>
    onFreshNode(bench, 'upstream', async (__, upstream) => {
      const nodes = { ours, upstream };
      const run = async (side: Side, args: readonly string[]): Promise<Measured> =>
        await measure(nodes[side], ['kubeadm', ...args]);
      const certs = await inTurns(bench, 'certs all', async (side) => {
        await nodes[side].mustExec(['rm', '-rf', '/etc/kubernetes/pki']);
        return await run(side, ['init', 'phase', 'certs', 'all', '--config', config]);
      });
      const version = await inTurns(several, 'version', (side) => run(side, ['version', '-o', 'short']));
      const validate = await inTurns(several, 'config validate', (side) =>
        run(side, ['config', 'validate', '--config', config]),
      );
      return [
        figure('`init phase certs all` (RSA-2048)', 's', certs, (one) => one.seconds),
        figure('`init phase certs all`: processor time', 's', certs, (one) => one.cpuSeconds),
        figure('`version -o short`', 's', version, (one) => one.seconds),
        figure('`version -o short`: peak memory', 'MiB', version, (one) => one.peakMiB),
        figure('`config validate`', 's', validate, (one) => one.seconds),
      ];
    }),
  );
}

/** Measures the phases of `init` on fresh nodes. These are other runs, because the details take time. */
export async function phaseRuns(bench: Bench): Promise<PhaseRuns> {
  const events = '/root/events.json';
  return await inTurns(bench, 'init by phase', (side) =>
    onFreshNode(bench, side, async (_, node) => {
      if (side === 'upstream')
        return upstreamPhases(await measure(node, [...init, '-v', '1']), initStretches);
      const measured = await measure(node, [...init, '--output-events', `json=${events}`]);
      return ourPhases(await node.readFile(events), measured, initStretches);
    }),
  );
}

const files = [
  ['certs', 'all'],
  ['kubeconfig', 'all'],
  ['etcd', 'local'],
  ['control-plane', 'all'],
];
const waits = ['wait-control-plane', 'mark-control-plane'];

/**
 * The physical limit of `init`. All files exist, the kubelet is started, and our own wait ends when the API server, the
 * other components and the Node are ready. The seconds count from the start of the kubelet's unit.
 */
export async function bareWaits(bench: Bench): Promise<readonly number[]> {
  const others = initPhases
    .filter(({ hidden, name }) => hidden !== true && !waits.includes(name))
    .map(({ name }) => name);
  const seconds: number[] = [];
  for (let run = 1; run <= bench.pairs; run += 1) {
    bench.report(`bare wait, ${run} of ${bench.pairs}`);
    const measured = await onFreshNode(bench, 'ours', async (_, node) => {
      for (const phase of files)
        await node.mustExec(['kubeadm', 'init', 'phase', ...phase, '--config', config]);
      // The phase writes the kubelet's files. The kubelet that it starts is stopped before it has made a Pod.
      const kubeletStart = ['kubeadm', 'init', 'phase', 'kubelet-start', '--config', config];
      const hidden = 'mv /etc/kubernetes/manifests /etc/kubernetes/later && mkdir /etc/kubernetes/manifests';
      await node.mustExec(['sh', '-ec', hidden]);
      await node.mustExec(kubeletStart);
      await node.mustExec(['systemctl', 'stop', 'kubelet']);
      await node.mustExec([
        'sh',
        '-ec',
        'rmdir /etc/kubernetes/manifests && mv /etc/kubernetes/later /etc/kubernetes/manifests',
      ]);
      const wait = [...init, '--skip-phases', others.join(',')].join(' ');
      return await measure(node, ['sh', '-ec', `systemctl start kubelet & ${wait}`]);
    });
    seconds.push(measured.seconds);
  }
  return seconds;
}

export function figure<T>(
  name: string,
  unit: Figure['unit'],
  runs: Readonly<Record<Side, readonly T[]>>,
  value: (run: T) => number,
): Figure {
  return { name, unit, series: { ours: runs.ours.map(value), upstream: runs.upstream.map(value) } };
}
