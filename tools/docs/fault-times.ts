/** The table of docs/troubleshooting.md that compares how this kubeadm and upstream's end with the same faults. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Ending {
  /** The time of the whole command. */
  readonly seconds: number;
  readonly lines: readonly string[];
}

/** What tools/fault-times.ts has measured. */
export type FaultTimes = readonly {
  readonly name: string;
  readonly ours?: Ending;
  readonly upstream?: Ending;
}[];

const head = `## Compared with upstream

The table has the seconds from the start of \`kubeadm init\` to its error, with this kubeadm and with upstream's 1.36, on the
same machine with two processors, which had other work. Below it are the first line of this kubeadm's error and the last lines of upstream's.
\`tools/fault-times.ts\` measures them.
`;

export function faultTimes(): string {
  const file = path.join(import.meta.dirname, 'fault-times.json');
  return comparison(JSON.parse(readFileSync(file, 'utf8')));
}

/** The table, the median of each side, and the messages. Empty without measurements. */
export function comparison(times: FaultTimes): string {
  if (times.length === 0) return '';
  const rows = times.map(
    ({ name, ours, upstream }) => `| ${name} | ${seconds(ours?.seconds)} | ${seconds(upstream?.seconds)} |`,
  );
  const [own, others] = [times.map(({ ours }) => ours), times.map(({ upstream }) => upstream)];
  return [
    head,
    '| Fault | This kubeadm | Upstream |',
    '| --- | --- | --- |',
    ...rows,
    `| Median | ${seconds(median(own))} | ${seconds(median(others))} |`,
    '',
    ...times.flatMap(messages),
  ].join('\n');
}

function messages({ name, ours, upstream }: FaultTimes[number]): readonly string[] {
  const of = (who: string, ending: Ending | undefined): readonly string[] =>
    ending === undefined ? [] : [`${who}:`, '', '```text', ...ending.lines, '```', ''];
  return [`### If ${name}`, '', ...of('This kubeadm', ours), ...of('Upstream', upstream)];
}

function median(endings: readonly (Ending | undefined)[]): number | undefined {
  const sorted = endings.flatMap((ending) => ending?.seconds ?? []).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function seconds(value: number | undefined): string {
  return value === undefined ? '' : `${value.toFixed(1)} s`;
}
