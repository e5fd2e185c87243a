/** A vitest reporter: writes docs/e2e.md, the last result of `make e2e-full`, a scenario a line. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Reporter, TestModule } from 'vitest/node';

const target = path.join(import.meta.dirname, '../docs/e2e.md');

const reporter: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => {
        const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1);
        const file = path.basename(module.moduleId, '.test.ts');
        return `| ${file} | ${test.name} | ${test.result().state} | ${seconds} |`;
      }),
    );
    const lines = [
      '# The last run of `make e2e-full`',
      '',
      'Written by the run itself. Each scenario has nodes of its own; the seconds hold making and deleting them.',
      '',
      '| File | Scenario | Result | Seconds |',
      '| ---- | -------- | ------ | ------: |',
      ...rows.sort(),
      '',
    ];
    writeFileSync(target, lines.join('\n'));
  },
};

// biome-ignore lint/style/noDefaultExport: vitest takes a reporter from the default export
export default reporter;
