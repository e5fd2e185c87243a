/** Runs all contracts and the tests of host/machine again, on the runtime of the executable. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';

import { bun, run } from '../support/runtimes.ts';

const contractFolder = path.resolve(import.meta.dirname, '../contract');
const hostFolder = path.resolve(import.meta.dirname, '../../src/host/machine');

const contracts = readdirSync(contractFolder)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => path.join(contractFolder, name));

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
