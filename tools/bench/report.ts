/** The figures as tables in Markdown: what the terminal shows and what docs/benchmarks.md holds. */
import { type PhaseSeconds, stretches } from './phases.ts';
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
  /** Of one minute, before the first run and after the last one. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly kubernetes: string;
  /** Commit that dist/kubeadm was built from; ends with `+` when files differed from it. */
  readonly commit: string;
}

export interface Results {
  readonly figures: readonly Figure[];
  readonly phases: Readonly<Record<Side, readonly PhaseSeconds[]>>;
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

/** Median seconds of each stretch of a run. */
export function phaseTable(phases: Results['phases']): string {
  const median = (side: Side, pick: (run: PhaseSeconds) => number): number =>
    summarize(phases[side].map(pick)).median;
  const rows = stretches.map((name) => [
    name,
    median('ours', (run) => run[name]).toFixed(2),
    median('upstream', (run) => run[name]).toFixed(2),
  ]);
  const whole = (run: PhaseSeconds): number => stretches.reduce((sum, name) => sum + run[name], 0);
  const sums = [median('ours', whole).toFixed(2), median('upstream', whole).toFixed(2)];
  return table(['Stretch of `init -v 1`', 'Ours (s)', "Upstream's (s)"], [...rows, ['whole', ...sums]], 1);
}

/** Text of docs/benchmarks.md. */
export function document(at: Circumstances, { figures, phases }: Results): string {
  const version = at.kubernetes;
  return `# Benchmarks

Written by \`make bench\` on ${at.date}; do not edit. Ours (commit ${at.commit}) beside upstream's kubeadm ${version},
which was built from its Go module (see [components](../components/README.md)).

Machine: ${at.cores} cores (${at.processor}), ${at.memoryGiB} GiB, Linux ${at.kernel}, cgroup ${at.cgroups}. It is shared with
other work, so that a single value says little. Its load of one minute was ${at.loadBefore.toFixed(2)} before the first run and ${at.loadAfter.toFixed(2)}
after the last one, the runs themselves included.

## Figures

Median (least to most); ratio of the medians, ours to upstream's: below 1 ours is faster or smaller. No aim is set here.

${figureTable(figures)}

- Ours and upstream's run in turns, and the one that goes first changes from pair to pair. Each \`init\` has a fresh node
  of the [lab](../lab/README.md) with all images there, so nothing is pulled.
- Times are taken inside the node, from the start of the process to its end. "To all Pods Ready" is taken outside, with
  looks every quarter of a second.
- The files of both programs are in the page cache: a "start" is that of a process, not of a disk.
- Processor time holds that of the programs that kubeadm runs and waits for. Peak memory is kubeadm's alone: VmHWM, read
  every 5 ms.

## Where the time of \`init\` goes

Medians of ${phases.ours.length} further pairs with \`-v 1\`. Ours says how long each phase took; upstream's is cut at the first line
that each phase writes.

${phaseTable(phases)}

- Ours makes all keys side by side from its first moment on, so \`preflight\` pays for them and \`certs\` and \`kubeconfig\`
  find them there; a single phase (\`init phase certs all\`) does so with its own. Upstream's makes each key where it needs
  it, one after the other.
- \`wait-control-plane\` is the kubelet, etcd and the API server starting: neither kubeadm can hurry them, only begin
  sooner and notice sooner.

## Repeat it

\`\`\`
make bench                          # five pairs
node_modules/.bin/node tools/bench.ts --pairs 9
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
