/** The contract of every port, and the tests of host/machine, once more by the runtime of the executable. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

import { bun, run } from './programs.ts';

const folder = import.meta.dirname;
const hostFolder = path.resolve(folder, '../../src/host/machine');
/** They start both runtimes themselves. */
const own = new Set(
  ['runtime', 'unshared', 'prompt', 'event-pipe', 'event-stream', 'output'].map((name) => `${name}.test.ts`),
);

test('the ports keep their contract in the executable', async () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && !own.has(name));
  expect(files).not.toEqual([]);
  const { code, output } = await run(bun, [
    'test',
    '--timeout=60000',
    ...files.map((name) => path.join(folder, name)),
    hostFolder,
  ]);
  expect(code, output).toBe(0);
  expect(output).toMatch(/^ 0 fail$/m);
});
