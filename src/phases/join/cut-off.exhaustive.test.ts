/** Cuts the power after every single write. `make test` runs it; cut-off.test.ts takes a sample. */
import { expect, test } from 'vitest';
import { expectSameJoin } from './cut-off.fixture.ts';

test('the join of a control plane has the same result as an undisturbed one after a power cut at any write', async () => {
  expect(await expectSameJoin((cuts) => cuts)).toBeGreaterThan(120);
});
