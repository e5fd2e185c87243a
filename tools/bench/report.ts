/** The figures as tables in Markdown, for the terminal and for the pages. */
import { beginning, type Interval, type PhaseRun, type PhaseRuns, type Stretch } from './phases.ts';
import type { Figure, Side } from './series.ts';
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

/** When each stretch of a run of the command began and ended: medians, in seconds since the start of the process. */
export function phaseTable(command: string, stretches: readonly Stretch[], runs: PhaseRuns): string {
  const cells = (side: Side, pick: (run: PhaseRun) => Interval | undefined): readonly string[] => {
    const intervals = runs[side].map(pick).filter((interval) => interval !== undefined);
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
  const names = [beginning, ...stretches.map(({ name }) => name)];
  const rows = names.map((name) => row(name, (run) => run.stretches[name]));
  const whole = row('whole', ({ seconds }) => ({ from: 0, to: seconds }));
  const head = [`Stretch of \`${command}\``, 'Ours: from', 'to', "Upstream's: from", 'to'];
  return table(head, [...rows, whole], 1);
}

/** The middle run by its whole time, so that the picture shows a real run. */
export function middleRun(runs: readonly PhaseRun[]): PhaseRun {
  const sorted = runs.toSorted((a, b) => a.seconds - b.seconds);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('no run');
  return middle;
}

/** The first lines of a page. */
export function pageHead(title: string, at: Circumstances, command: string): string {
  return `# ${title}

Written by \`${command}\` on ${at.date}; do not edit. "Ours" is commit ${at.commit} of this kubeadm. It runs beside
upstream's kubeadm ${at.kubernetes}, which was built from its Go module (see [components](../components/README.md)).

The machine has ${at.cores} cores (${at.processor}), ${at.memoryGiB} GiB, Linux ${at.kernel}, cgroup ${at.cgroups}. It is shared with
other work, so a single value is not reliable. Its load of one minute was ${at.loadBefore.toFixed(2)} before the first run and ${at.loadAfter.toFixed(2)}
after the last one, which includes the runs themselves.

## Figures

Each cell has the median, and the least and the greatest value. The ratio divides our median by upstream's. Below 1, ours is faster
or smaller.
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
