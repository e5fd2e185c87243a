/** Runs the contracts with real servers again, on the runtime of the executable. */
import path from 'node:path';
import { expect, test } from 'vitest';

import { bun, run } from '../../support/runtimes.ts';

test.each(['kube', 'etcd'])('the %s client keeps its contract in the executable', async (name) => {
  const file = path.join(import.meta.dirname, `${name}.test.ts`);
  const { code, output } = await run(bun, ['test', '--timeout=60000', file]);
  expect(code, output).toBe(0);
  expect(output).toMatch(/^ 0 fail$/m);
});
