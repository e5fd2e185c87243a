/** Runs upstream's binary and this kubeadm with the same configurations, and compares their files and outputs. */
import { expect, test } from 'vitest';

import { compare } from './both.ts';
import { fixedCases, randomCases } from './configs.ts';

test('the configurations of the goldens give the files of upstream, for both minors', async () => {
  const cases = fixedCases();
  expect(cases.map(({ name }) => name)).toContain('plain-1.35, dryRun');
  const theirs = await compare(cases);
  const refused = theirs.filter(({ runs }) => runs.some(({ code }) => code !== 0));
  expect(refused.map(({ name }) => name)).toEqual([]);
});

test('200 random configurations leave the same files, certificates, objects and outputs', async () => {
  const seed = Number(process.env.PARITY_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`parity: seed ${seed} (PARITY_SEED=${seed} repeats it)`);
  const cases = randomCases(Number(process.env.PARITY_CASES ?? 200), seed);
  const theirs = await compare(cases);
  const accepted = theirs.filter(({ runs }) => runs.every(({ code }) => code === 0)).length;
  expect(accepted, 'most configurations should be valid ones').toBeGreaterThan(cases.length / 2);
});
