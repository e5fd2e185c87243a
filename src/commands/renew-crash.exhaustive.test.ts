/** Cuts the power after every single write. `make test` runs it; renew-crash.test.ts takes a sample. */
import { expect, test } from 'vitest';
import { expectSameRenewal } from './renew-crash.fixture.ts';

test('certs renew --restart has the same result as an undisturbed run after a power cut at any write', async () => {
  expect(await expectSameRenewal((cuts) => cuts)).toBeGreaterThan(40);
});
