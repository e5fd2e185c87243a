/** Runs all contracts and the tests of host/machine again, on the runtime of the executable. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';

import { bun, run } from './programs.ts';

const folder = import.meta.dirname;
const hostFolder = path.resolve(folder, '../../src/host/machine');
/** Tests that start both runtimes themselves. */
const own = new Set(
  ['runtime', 'discovery', 'unshared', 'prompt', 'event-pipe', 'event-stream', 'output', 'result'].map(
    (name) => `${name}.test.ts`,
  ),
);

const contracts = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts') && !own.has(name))
  .map((name) => path.join(folder, name));

/** Both wait for time limits most of the time, and are slow on a busy machine. */
test.concurrent.for([
  { subject: 'the contract of every port', files: contracts },
  { subject: 'the tests of the machine host', files: [hostFolder] },
])('the executable keeps $subject', { timeout: 300_000 }, async ({ files }, { expect }) => {
  expect(files).not.toEqual([]);
  const { code, output } = await run(bun, ['test', '--timeout=60000', ...files]);
  expect(code, output).toBe(0);
  expect(output).toMatch(/^ 0 fail$/m);
});
