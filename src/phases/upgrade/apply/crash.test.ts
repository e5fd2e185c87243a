/** Cuts the power after some random writes. crash.exhaustive.test.ts takes all of them. */
import { sample, shuffledSubarray } from 'fast-check';
import { test } from 'vitest';
import { type Cut, expectSameUpgrade } from './crash.fixture.ts';

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`upgrade apply has the same result as an undisturbed run after a power cut (CRASH_SEED=${seed})`, async () => {
  await expectSameUpgrade((cuts: readonly Cut[]): readonly Cut[] => {
    const subset = shuffledSubarray([...cuts], { minLength: 6, maxLength: 6 });
    return sample(subset, { numRuns: 1, seed })[0] ?? [];
  });
});
