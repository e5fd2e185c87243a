/** Cuts the power after every single write. `make test` runs it; crash.test.ts takes a sample. */
import { expect, test } from 'vitest';
import { expectSameUpgrade } from './crash.fixture.ts';

test('upgrade apply has the same result as an undisturbed run after a power cut at any write', async () => {
  expect(await expectSameUpgrade((cuts) => cuts)).toBeGreaterThan(60);
});
