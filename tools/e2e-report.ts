/** A vitest reporter: writes docs/e2e.md, the last result of `make e2e-full`, a scenario a line. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Reporter, TestCase } from 'vitest/node';

const target = path.join(import.meta.dirname, '../docs/e2e.md');

/** Written anew after every scenario, so that a run that is cut off leaves what it has seen. */
// biome-ignore lint/style/noDefaultExport: vitest takes a reporter from the default export, and calls `new` on it
export default function report(): Reporter {
  const rows: string[] = [];
  return {
    onTestCaseResult(test: TestCase): void {
      const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1);
      const file = path.basename(test.module.moduleId, '.test.ts');
      rows.push(`| ${file} | ${test.name} | ${test.result().state} | ${seconds} |`);
      const lines = [
        '# The last run of `make e2e-full`',
        '',
        'Written by the run itself. The seconds of scenarios that make a node of their own hold that as well.',
        '',
        '| File | Scenario | Result | Seconds |',
        '| ---- | -------- | ------ | ------: |',
        ...rows.sort(),
        '',
      ];
      writeFileSync(target, lines.join('\n'));
    },
  };
}
