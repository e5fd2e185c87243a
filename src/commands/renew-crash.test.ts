/** Cuts the power after some random writes. renew-crash.exhaustive.test.ts takes all of them. */
import { sample, shuffledSubarray } from 'fast-check';
import { test } from 'vitest';
import { expectSameRenewal } from './renew-crash.fixture.ts';

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`certs renew --restart has the same result as an undisturbed run after a power cut (CRASH_SEED=${seed})`, async () => {
  await expectSameRenewal((cuts) => {
    const subset = shuffledSubarray([...cuts], { minLength: 4, maxLength: 4 });
    return sample(subset, { numRuns: 1, seed })[0] ?? [];
  });
});
