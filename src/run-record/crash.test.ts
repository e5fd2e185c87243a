/** Power lost after some writes, other ones each time. crash.exhaustive.test.ts takes all. */
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

test('init ends as an undisturbed one after a power cut', async () => {
  await expectSameInit(withRoot, some(5));
});

test('init of a control plane without root ends as an undisturbed one after a power cut', async () => {
  await expectSameInit(withoutRoot, some(5));
});

test('reset ends as an undisturbed one after a power cut', async () => {
  await expectSameReset(withRoot, some(10));
});

test('reset of a control plane without root takes its accounts away after a power cut', async () => {
  await expectSameReset(withoutRoot, some(10));
});
