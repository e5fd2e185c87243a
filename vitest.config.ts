import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

/**
 * Files in one process share its modules, which is most of the time of a short test. A test that changes the process
 * (its environment, for example) must put it back.
 */
const fast = { isolate: false, testTimeout: 60_000, hookTimeout: 60_000 };
/** Several such files run at once, so that each has only a part of the cores. */
const long = { testTimeout: 1_200_000, hookTimeout: 300_000 };
/** Real nodes: one file after the other, since each takes the whole machine. */
const onNodes = { testTimeout: 900_000, hookTimeout: 900_000, fileParallelism: false };

// `make check` runs the unit and contract projects; the others need time, nodes or the programs of a node.
export default defineConfig({
  test: {
    // Some tests wait for other programs: one more worker than there are cores keeps all cores at work.
    maxWorkers: availableParallelism() + 1,
    // The names of tests in a table are whole sentences.
    taskTitleValueFormatTruncate: 0,
    projects: [
      {
        test: {
          name: 'unit',
          ...fast,
          include: ['{src,components,lab,tools}/**/*.test.ts'],
          exclude: ['**/*.exhaustive.test.ts'],
        },
      },
      {
        test: {
          name: 'exhaustive',
          ...long,
          include: ['src/**/*.exhaustive.test.ts', 'test/fuzz/*.test.ts'],
        },
      },
      { test: { name: 'contract', ...fast, include: ['test/contract/*.test.ts'] } },
      { test: { name: 'process', ...fast, include: ['test/process/*.test.ts'] } },
      {
        test: {
          name: 'contract-real',
          include: ['test/contract/real/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'release',
          include: ['test/release/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'parity',
          ...long,
          include: ['test/parity/**/*.test.ts'],
        },
      },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...onNodes } },
      { test: { name: 'e2e-full', include: ['test/e2e-full/**/*.test.ts'], ...onNodes } },
    ],
  },
});
