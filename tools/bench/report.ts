/** The figures as tables in Markdown, for the terminal and for docs/benchmarks.md. */
import { type Interval, type PhaseRun, stretches } from './phases.ts';
import { type Figure, type Side, wholeInit } from './series.ts';
import { formatMiB, formatSeconds, type Summary, summarize } from './statistics.ts';

export interface Circumstances {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly cgroups: string;
  /** The load of one minute, before the first run and after the last one. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly kubernetes: string;
  /** Commit that dist/kubeadm was built from; ends with `+` when files differed from it. */
  readonly commit: string;
}

export interface Results {
  readonly figures: readonly Figure[];
  readonly phases: Readonly<Record<Side, readonly PhaseRun[]>>;
  /** The seconds of each bare wait: all files exist, and the run only waits for the machine. */
  readonly bareWaits: readonly number[];
}

const formats = { s: formatSeconds, MiB: formatMiB, '': String } as const;

/** Median, span and ratio of each figure. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, unit, series }) => {
    const format = formats[unit];
    const cell = ({ median, min, max }: Summary): string =>
      `${format(median)} (${format(min)} to ${format(max)})`;
    const ours = summarize(series.ours);
    const upstream = summarize(series.upstream);
    const ratio = (ours.median / upstream.median).toFixed(2);
    return [name, String(series.ours.length), cell(ours), cell(upstream), ratio];
  });
  return table(['Figure', 'Pairs', 'Ours', "Upstream's", 'Ratio'], rows, 2);
}

/** When each stretch of a run began and ended: medians, in seconds since the start of the process. */
export function phaseTable(phases: Results['phases']): string {
  const cells = (side: Side, pick: (run: PhaseRun) => Interval | undefined): readonly string[] => {
    const intervals = phases[side].map(pick).filter((interval) => interval !== undefined);
    if (intervals.length === 0) return ['', ''];
    const median = (end: keyof Interval): string =>
      summarize(intervals.map((interval) => interval[end])).median.toFixed(2);
    return [median('from'), median('to')];
  };
  const row = (name: string, pick: (run: PhaseRun) => Interval | undefined): readonly string[] => [
    name,
    ...cells('ours', pick),
    ...cells('upstream', pick),
  ];
  const rows = stretches.map((name) => row(name, (run) => run.stretches[name]));
  const whole = row('whole', ({ seconds }) => ({ from: 0, to: seconds }));
  const head = ['Stretch of `init`', 'Ours: from', 'to', "Upstream's: from", 'to'];
  return table(head, [...rows, whole], 1);
}

/** The middle run by its whole time, so that the picture shows a real run. */
export function middleRun(runs: readonly PhaseRun[]): PhaseRun {
  const sorted = runs.toSorted((a, b) => a.seconds - b.seconds);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('no run');
  return middle;
}

/** The bare wait, and the ratio of both whole `init`s to it. */
export function bareWaitText({ bareWaits, figures }: Pick<Results, 'bareWaits' | 'figures'>): string {
  const wait = summarize(bareWaits);
  const whole = figures.find(({ name }) => name === wholeInit);
  const ratio = (side: Side): string =>
    (summarize(whole?.series[side] ?? []).median / wait.median).toFixed(2);
  return (
    `${formatSeconds(wait.median)} (${formatSeconds(wait.min)} to ${formatSeconds(wait.max)}, ${bareWaits.length} runs). ` +
    `Our whole \`init\` takes ${ratio('ours')} times that, upstream's ${ratio('upstream')} times.`
  );
}

/** Text of docs/benchmarks.md. */
export function document(at: Circumstances, { bareWaits, figures, phases }: Results): string {
  const version = at.kubernetes;
  return `# Benchmarks

Written by \`make bench\` on ${at.date}; do not edit. "Ours" is commit ${at.commit} of this kubeadm. It runs beside
upstream's kubeadm ${version}, which was built from its Go module (see [components](../components/README.md)).

The machine has ${at.cores} cores (${at.processor}), ${at.memoryGiB} GiB, Linux ${at.kernel}, cgroup ${at.cgroups}. It is shared with
other work, so a single value is not reliable. Its load of one minute was ${at.loadBefore.toFixed(2)} before the first run and ${at.loadAfter.toFixed(2)}
after the last one, which includes the runs themselves.

## Figures

Each cell has the median, and the least and the greatest value. The ratio divides our median by upstream's. Below 1, ours is faster
or smaller.

${figureTable(figures)}

- Ours and upstream's run in turns, and the one that goes first changes from pair to pair. Each \`init\` has a fresh node
  of the [lab](../lab/README.md) that has all images, so nothing is pulled.
- Times are taken inside of the node, from the start of the process to its end. "To all Pods Ready" is taken outside, with
  a look every quarter of a second.
- With a Pod network from the start, the Node is Ready early. "Addons" are CoreDNS and kube-proxy. What is left to "all
  Pods Ready" is the startup probes of the static Pods, which upstream's manifests have, too. The kubelet sends the first
  probe at a random moment of a period of 10 s, and does not count a probe in the first 10 s of a container. So each of
  these Pods becomes Ready 10 s to 20 s after the start of its container, and no order of phases makes that shorter.
- The joins are those of one cluster, and each command is given as soon as the one before it has ended: \`init\`, a worker,
  the second and the third control plane, and a worker again. All nodes have the Pod network from the start. Requests are
  those in the audit logs of all API servers, from the user agent of kubeadm, in one more run.
- The files of both programs are in the page cache. So a start is that of a process and does not depend on the disk.
- Processor time includes the programs that kubeadm runs and waits for. Peak memory is that of kubeadm only (VmHWM, read
  every 5 ms).

## The bare wait

This figure is the time that no kubeadm can save. All files are made beforehand. Then the kubelet is started, and the run waits
until the API server, the other components and the Node are ready. It takes ${bareWaitText({ bareWaits, figures })}

## Where the time of \`init\` goes

![When each phase of both ran](timeline.svg)

The picture shows the middle run of each side. The table has medians of ${phases.ours.length} further pairs, in seconds since the
start of the process. Our phases begin and end with their events. Upstream's (with \`-v 1\`) begin at the first line that each phase
writes.

${phaseTable(phases)}

- Ours makes all keys in parallel and in memory, from its first moment on, and \`certs\` and \`kubeconfig\` take them. Upstream's
  makes each key when it needs it, one after the other. A key takes longer in the runtime's library than in Go's. On two
  processors, keys are the larger part of the time before \`wait-control-plane\`.
- \`kubelet-start\` waits for the first CA and the kubelet's own credentials only, so the kubelet starts while keys are made
  ([ADR 0011](adr/0011-the-kubelet-starts-early.md)). Upstream's makes systemd read all units again before each start. Ours does
  so only if the files of the unit have changed.
- In \`wait-control-plane\`, the kubelet, etcd and the API server start. kubeadm cannot make them faster. It can begin sooner, use
  little of the machine and notice sooner that they are ready. Phases that only need an API server (the uploads, tokens, addons)
  run meanwhile.
- \`kubelet-finalize\` restarts the kubelet, as upstream's does. Only the addons can run beside it.

## Repeat it

\`\`\`
make bench                          # nine pairs
node_modules/.bin/node tools/bench.ts --pairs 3
\`\`\`

It needs the same as \`make up\`, builds upstream's kubeadm once, and takes about four minutes for each pair.
`;
}

/** Aligns the first `left` columns to the left, and the others, which are figures, to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[], left: number): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < left ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) =>
    column < left ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
