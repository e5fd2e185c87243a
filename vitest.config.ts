import { defineConfig } from 'vitest/config';

// `make check` runs the unit and contract projects; the others need nodes or the programs of a node.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 60_000,
          include: ['{src,components,lab,tools}/**/*.test.ts'],
          exclude: ['**/*.exhaustive.test.ts'],
        },
      },
      { test: { name: 'exhaustive', testTimeout: 600_000, include: ['src/**/*.exhaustive.test.ts'] } },
      { test: { name: 'contract', testTimeout: 60_000, include: ['test/contract/*.test.ts'] } },
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
      { test: { name: 'parity', include: ['test/parity/**/*.test.ts'], testTimeout: 600_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e-full',
          include: ['test/e2e-full/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
