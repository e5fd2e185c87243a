/** Power lost after every single write. `make test` runs it; crash.test.ts takes a sample. */
import { expect, test } from 'vitest';
import { type Cut, expectSameInit, expectSameReset, withoutRoot, withRoot } from './crash.fixture.ts';

const every = (cuts: readonly Cut[]): readonly Cut[] => cuts;

test('init ends as an undisturbed one, whichever write it was cut off after', async () => {
  expect(await expectSameInit(withRoot, every)).toBeGreaterThan(120);
});

test('init of a control plane without root ends as an undisturbed one, whichever write it was cut off after', async () => {
  expect(await expectSameInit(withoutRoot, every)).toBeGreaterThan(140);
});

test('reset ends as an undisturbed one, whichever write it was cut off after', async () => {
  expect(await expectSameReset(withRoot, every)).toBeGreaterThan(50);
});

test('reset of a control plane without root takes its accounts away, whichever write it was cut off after', async () => {
  expect(await expectSameReset(withoutRoot, every)).toBeGreaterThan(50);
});
