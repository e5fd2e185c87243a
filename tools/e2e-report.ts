/** A vitest reporter: writes docs/e2e.md, the last result of each scenario of `make e2e-full`. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Reporter, TestCase } from 'vitest/node';

const target = path.join(import.meta.dirname, '../docs/e2e.md');

/** Written after every scenario: a run that is cut off, or of one file, renews what it has seen. */
// biome-ignore lint/style/noDefaultExport: vitest takes a reporter from the default export, and calls `new` on it
export default function report(): Reporter {
  return {
    onTestCaseResult(test: TestCase): void {
      // Left out by a filter, or by the end of the run.
      if (test.result().state === 'skipped') return;
      const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1);
      const begin = `| ${path.basename(test.module.moduleId, '.test.ts')} | ${test.name} |`;
      const when = new Date().toISOString().slice(0, 16).replace('T', ' ');
      const others = presentRows().filter((row) => !row.startsWith(begin));
      const rows = [...others, `${begin} ${test.result().state} | ${seconds} | ${when} |`];
      const lines = [
        '# Last results of `make e2e-full`',
        '',
        'Written by the runs themselves. The seconds of scenarios that make a node of their own hold that as well.',
        '',
        '| File | Scenario | Result | Seconds | When (UTC) |',
        '| ---- | -------- | ------ | ------: | ---------- |',
        ...rows.sort(),
        '',
      ];
      writeFileSync(target, lines.join('\n'));
    },
  };
}

function presentRows(): readonly string[] {
  try {
    const lines = readFileSync(target, 'utf8').split('\n');
    return lines.filter((line) => /^\| (?!File|-)/.test(line) && line.split('|').length === 7);
  } catch {
    return [];
  }
}
