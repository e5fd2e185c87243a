import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { mem } from './mem.ts';

const mebibyte = 1024 * 1024;

test('the check Mem counts whole MiB', async () => {
  expect(mem(1700).name).toBe('Mem');
  expect(await verdict(mem(1700), { totalMemory: 1700 * mebibyte })).toEqual(clean);
  const { errors } = await verdict(mem(1700), { totalMemory: 1700 * mebibyte - 1 });
  expect(errors).toEqual([expect.stringMatching(/1699 MB.* at least 1700 MB/)]);
});

test('the check Mem fails when the amount is not known', async () => {
  expect((await verdict(mem(1700), { totalMemory: null })).errors).toHaveLength(1);
});
