/** Cuts the power after some random writes. crash.exhaustive.test.ts takes all of them. */
import { sample, shuffledSubarray } from 'fast-check';
import { test } from 'vitest';
import { type Cut, expectSameInit, expectSameReset, withoutRoot, withRoot } from './crash.fixture.ts';

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
process.stderr.write(`crash: seed ${seed} (CRASH_SEED=${seed} repeats it)\n`);

function some(count: number) {
  return (cuts: readonly Cut[]): readonly Cut[] => {
    const subset = shuffledSubarray([...cuts], { minLength: count, maxLength: count });
    return sample(subset, { numRuns: 1, seed })[0] ?? [];
  };
}

test('init has the same result as an undisturbed run after a power cut', async () => {
  await expectSameInit(withRoot, some(5));
});

test('init without root has the same result as an undisturbed run after a power cut', async () => {
  await expectSameInit(withoutRoot, some(5));
});

test('reset has the same result as an undisturbed run after a power cut', async () => {
  await expectSameReset(withRoot, some(10));
});

test('reset of a control plane without root removes its accounts after a power cut', async () => {
  await expectSameReset(withoutRoot, some(10));
});
