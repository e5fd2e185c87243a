/** A vitest reporter that writes the result of each end-to-end scenario to dist/e2e.md. */
import path from 'node:path';

import type { Reporter, TestCase } from 'vitest/node';

import { mergeResults, readResults, resultsFile, writeResults } from './e2e-results.ts';

/** Written after every scenario, so that the results of a run that is cut off are kept. */
// biome-ignore lint/style/noDefaultExport: vitest takes a reporter from the default export, and calls `new` on it
export default function report(): Reporter {
  return {
    onTestCaseResult(test: TestCase): void {
      // A filter or the end of the run skips tests.
      if (test.result().state === 'skipped') return;
      const result = {
        file: path.basename(test.module.moduleId, '.test.ts'),
        scenario: test.name,
        state: test.result().state,
        seconds: ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1),
        when: new Date().toISOString().slice(0, 16).replace('T', ' '),
      };
      writeResults(resultsFile, mergeResults(readResults(resultsFile), [result]));
    },
  };
}
