/** The figures as tables in Markdown: what the terminal shows and what docs/benchmarks.md holds. */
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
  /** Of one minute, before the first run and after the last one. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly kubernetes: string;
  /** Commit that dist/kubeadm was built from; ends with `+` when files differed from it. */
  readonly commit: string;
}

export interface Results {
  readonly figures: readonly Figure[];
  readonly phases: Readonly<Record<Side, readonly PhaseRun[]>>;
  /** Seconds of each: the files are there, and only the machine is waited for. */
  readonly bareWaits: readonly number[];
}

/** Median, span and ratio of each figure. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, unit, series }) => {
    const format = unit === 's' ? formatSeconds : formatMiB;
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

/** The run in the middle, by the whole time: the picture shows one that happened. */
export function middleRun(runs: readonly PhaseRun[]): PhaseRun {
  const sorted = runs.toSorted((a, b) => a.seconds - b.seconds);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('no run');
  return middle;
}

/** How whole `init` of both stands to the bare wait. */
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

Written by \`make bench\` on ${at.date}; do not edit. Ours (commit ${at.commit}) beside upstream's kubeadm ${version},
which was built from its Go module (see [components](../components/README.md)).

Machine: ${at.cores} cores (${at.processor}), ${at.memoryGiB} GiB, Linux ${at.kernel}, cgroup ${at.cgroups}. It is shared with
other work, so that a single value says little. Its load of one minute was ${at.loadBefore.toFixed(2)} before the first run and ${at.loadAfter.toFixed(2)}
after the last one, the runs themselves included.

## Figures

Median (least to most); ratio of the medians, ours to upstream's: below 1 ours is faster or smaller.

${figureTable(figures)}

- Ours and upstream's run in turns, and the one that goes first changes from pair to pair. Each \`init\` has a fresh node
  of the [lab](../lab/README.md) with all images there, so nothing is pulled.
- Times are taken inside the node, from the start of the process to its end. "To all Pods Ready" is taken outside, with
  looks every quarter of a second.
- The files of both programs are in the page cache: a "start" is that of a process, not of a disk.
- Processor time holds that of the programs that kubeadm runs and waits for. Peak memory is kubeadm's alone: VmHWM, read
  every 5 ms.

## The bare wait

All files are made beforehand, the kubelet is started, and nothing is done but to wait until the API server, the other
components and the Node are there: ${bareWaitText({ bareWaits, figures })}

## Where the time of \`init\` goes

![When each phase of both ran](timeline.svg)

The picture shows the run in the middle of each side; the table holds medians of ${phases.ours.length} further pairs, in seconds since the
start of the process. Ours are cut by its own events, upstream's (with \`-v 1\`) at the first line that each phase writes.

${phaseTable(phases)}

- Ours makes all keys side by side, in memory, from its first moment on; \`certs\` and \`kubeconfig\` take them as they
  come. Upstream's makes each key where it needs it, one after the other. A key costs the runtime's library more than
  Go's: on two processors that is the larger part of what stands before \`wait-control-plane\`.
- \`kubelet-start\` waits for the first CA and the kubelet's own credentials alone, so the kubelet comes up while keys are
  made ([ADR 0011](adr/0011-the-kubelet-starts-early.md)). Upstream's has systemd read all units again before each start,
  ours where it must.
- \`wait-control-plane\` is the kubelet, etcd and the API server starting: neither kubeadm can hurry them, only begin
  sooner, take nothing from them and notice sooner. What needs nothing but an API server that answers (the uploads,
  tokens, addons) is done meanwhile.
- \`kubelet-finalize\` restarts the kubelet, as upstream's does; nothing can be done beside it but the addons.

## Repeat it

\`\`\`
make bench                          # nine pairs
node_modules/.bin/node tools/bench.ts --pairs 3
\`\`\`

It needs what \`make up\` needs, builds upstream's kubeadm once, and takes a little more than a minute for each pair.
`;
}

/** `left`: how many columns stand to the left; the others are figures. */
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
