/** Cuts the power after every single write. `make test` runs it; crash.test.ts takes a sample. */
import { expect, test } from 'vitest';
import { type Cut, expectSameInit, expectSameReset, withoutRoot, withRoot } from './crash.fixture.ts';

const every = (cuts: readonly Cut[]): readonly Cut[] => cuts;

test('init has the same result as an undisturbed run after a power cut at any write', async () => {
  expect(await expectSameInit(withRoot, every)).toBeGreaterThan(120);
});

test('init without root has the same result as an undisturbed run after a power cut at any write', async () => {
  expect(await expectSameInit(withoutRoot, every)).toBeGreaterThan(140);
});

test('reset has the same result as an undisturbed run after a power cut at any write', async () => {
  expect(await expectSameReset(withRoot, every)).toBeGreaterThan(50);
});

test('reset of a control plane without root removes its accounts after a power cut at any write', async () => {
  expect(await expectSameReset(withoutRoot, every)).toBeGreaterThan(50);
});
