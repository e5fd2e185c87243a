/** Cuts the power after some writes. cut-off.exhaustive.test.ts takes all of them. */
import { sample, shuffledSubarray } from 'fast-check';
import { test } from 'vitest';
import { type Cut, controlPlane, expectSameJoin, worker } from './cut-off.fixture.ts';

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
process.stderr.write(`join: seed ${seed} (CRASH_SEED=${seed} repeats it)\n`);

function someOf(cuts: readonly Cut[]): readonly Cut[] {
  const subset = shuffledSubarray([...cuts], { minLength: 8, maxLength: 8 });
  return sample(subset, { numRuns: 1, seed })[0] ?? [];
}

test('the join of a control plane has the same result as an undisturbed one after a power cut', async () => {
  await expectSameJoin(controlPlane, someOf);
});

test('the join of a worker has the same result as an undisturbed one after a power cut', async () => {
  await expectSameJoin(worker, someOf);
});
