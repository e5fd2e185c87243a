/** The table of docs/e2e.md: the last result of each scenario. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { root } from './steps.ts';

/** A run of the scenarios writes its results here; `make e2e-report` copies them to `reportFile`. */
export const resultsFile = path.join(root, 'dist/e2e.md');
export const reportFile = path.join(root, 'docs/e2e.md');

export interface Result {
  /** Name of the test file, without `.test.ts`. */
  readonly file: string;
  readonly scenario: string;
  readonly state: string;
  /** With one decimal. */
  readonly seconds: string;
  /** In UTC, to the minute: a later one is a greater string. */
  readonly when: string;
}

/** The results in a file that `writeResults` wrote; empty if it does not exist. */
export function readResults(file: string): readonly Result[] {
  try {
    return parseResults(readFileSync(file, 'utf8'));
  } catch {
    return [];
  }
}

export function writeResults(file: string, results: readonly Result[]): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, formatResults(results));
}

export function parseResults(text: string): readonly Result[] {
  return text.split('\n').flatMap((line) => {
    if (!/^\| (?!File|-)/.test(line)) return [];
    const [, file = '', scenario = '', state = '', seconds = '', when = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    return [{ file, scenario, state, seconds, when }];
  });
}

export function formatResults(results: readonly Result[]): string {
  const rows = results.map(
    ({ file, scenario, state, seconds, when }) =>
      `| ${file} | ${scenario} | ${state} | ${seconds} | ${when} |`,
  );
  return [
    '# Last results of `make e2e-full`',
    '',
    'Each run writes its results to `dist/e2e.md`, and `make e2e-report` copies them here. The seconds of a scenario',
    'include those in which it makes its own node.',
    '',
    '| File | Scenario | Result | Seconds | When (UTC) |',
    '| ---- | -------- | ------ | ------: | ---------- |',
    ...rows.sort(),
    '',
  ].join('\n');
}

/** The results of both; of a scenario that both have, the later one. */
export function mergeResults(old: readonly Result[], more: readonly Result[]): readonly Result[] {
  const merged = new Map<string, Result>();
  for (const result of [...old, ...more]) {
    const key = `${result.file} ${result.scenario}`;
    if (result.when >= (merged.get(key)?.when ?? '')) merged.set(key, result);
  }
  return [...merged.values()];
}

if (import.meta.main) {
  const results = readResults(resultsFile);
  if (results.length === 0) throw new Error(`${resultsFile} has no results: run make e2e-full first`);
  writeResults(reportFile, mergeResults(readResults(reportFile), results));
}
