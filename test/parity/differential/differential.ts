/**
 * Runs random cases with upstream's binary and with this kubeadm. As a program it is `make differential`, with `N` and
 * `SEED` from the environment, and `ONE` for a single case.
 */

import { ensureComponents } from '../../../components/index.ts';
import { plainFiles } from '../../support/random/inputs.ts';
import { ours, record } from '../namespaces.ts';
import type { Case, Recorded } from '../record.ts';
import { accepted } from './accepted.ts';
import { createCases } from './cases.ts';
import { caseDifferences } from './differences.ts';

/** The cases of one pair of namespaces. */
const batch = 200;

export interface DifferentialOptions {
  readonly seed: number;
  /** The number of the first case. Defaults to 0. */
  readonly first?: number;
  readonly count: number;
  readonly report: (line: string) => void;
}

export interface DifferentialResult {
  readonly cases: number;
  /** The cases in which all commands of upstream succeeded. */
  readonly succeeded: number;
  /** The number of cases with each difference on purpose, by its name. */
  readonly accepted: Readonly<Record<string, number>>;
  /** A text for each other difference, with the command that repeats it. */
  readonly differences: readonly string[];
}

/** Runs the cases of a seed. The same seed has the same cases. */
export async function differential({
  count,
  first = 0,
  report,
  seed,
}: DifferentialOptions): Promise<DifferentialResult> {
  const { programs } = await ensureComponents({ set: 'compare' });
  const createCase = await createCases();
  const result = {
    cases: 0,
    succeeded: 0,
    accepted: {} as Record<string, number>,
    differences: [] as string[],
  };
  for (let start = first; start < first + count; start += batch) {
    const size = Math.min(batch, first + count - start);
    const cases = Array.from({ length: size }, (_, index) => createCase(seed, start + index));
    const [theirs, mine] = await Promise.all([
      record(programs.kubeadm, cases, true),
      record(ours, cases, true),
    ]);
    for (const [index, one] of cases.entries()) {
      const [upstream, other] = [theirs[index], mine[index]];
      if (upstream === undefined || other === undefined) throw new Error(`${one.name} was not recorded`);
      const judged = judge(one, upstream, other);
      result.cases++;
      if (upstream.runs.every(({ code }) => code === 0)) result.succeeded++;
      for (const name of judged.accepted) result.accepted[name] = (result.accepted[name] ?? 0) + 1;
      if (judged.lines.length > 0) {
        const text = describeCase(one, judged.lines, { seed, number: start + index });
        result.differences.push(text);
        report(text);
      }
    }
  }
  return result;
}

function judge(
  one: Case,
  upstream: Recorded,
  other: Recorded,
): { readonly lines: readonly string[]; readonly accepted: ReadonlySet<string> } {
  const trial = { one, upstream, ours: other };
  const names = new Set<string>();
  const lines = caseDifferences(upstream, other).filter((line) => {
    const reason = accepted.find(({ explains }) => explains(line, trial));
    if (reason !== undefined) names.add(reason.name);
    return reason === undefined;
  });
  return { lines, accepted: names };
}

function describeCase(
  one: Case,
  lines: readonly string[],
  { number, seed }: { readonly seed: number; readonly number: number },
): string {
  // The files that all cases have are not shown.
  const used = Object.entries(one.files ?? {})
    .filter(([file, content]) => plainFiles[file] !== content && !file.endsWith('.key'))
    .map(([file, content]) => `  ${file}: ${JSON.stringify(content)}`);
  return [
    `case ${number} of seed ${seed} (make differential SEED=${seed} ONE=${number})`,
    ...one.commands.map((command) => `  kubeadm ${JSON.stringify(command)}`),
    ...lines.map((line) => `  ${line}`),
    ...used.map((line) => line.slice(0, 3000)),
  ].join('\n');
}

/** Returns a line of figures. */
export function summaryOf({ accepted: names, cases, differences, succeeded }: DifferentialResult): string {
  const onPurpose = Object.values(names).reduce((sum, number) => sum + number, 0);
  return `${cases} cases, of which upstream accepted ${succeeded}: ${differences.length} differ, and ${onPurpose} differ on purpose`;
}

/** Returns the seed of the environment, or a random one. */
function seedOf(variable: string): number {
  return Number(process.env[variable] ?? Math.floor(Math.random() * 2 ** 31));
}

if (import.meta.main) {
  const seed = seedOf('SEED');
  const one = process.env.ONE;
  const result = await differential({
    seed,
    first: Number(one ?? 0),
    count: one === undefined ? Number(process.env.N ?? 1_000) : 1,
    report: console.log,
  });
  for (const [name, number] of Object.entries(result.accepted)) console.log(`on purpose, ${number}: ${name}`);
  console.log(`differential: seed ${seed}, ${summaryOf(result)}`);
  process.exitCode = result.differences.length === 0 ? 0 : 1;
}
