/** Cuts the power after every single write. `make test` runs it; cut-off.test.ts takes a sample. */
import { expect, test } from 'vitest';
import { controlPlane, expectSameJoin, worker } from './cut-off.fixture.ts';

test('the join of a control plane has the same result as an undisturbed one after a power cut at any write', async () => {
  expect(await expectSameJoin(controlPlane, (cuts) => cuts)).toBeGreaterThan(120);
});

test('the join of a worker has the same result as an undisturbed one after a power cut at any write', async () => {
  expect(await expectSameJoin(worker, (cuts) => cuts)).toBeGreaterThan(20);
});
