import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { swap } from './swap.ts';

const heading = 'Filename\t\t\t\tType\t\tSize\n';

test('the check Swap warns of each swap device', async () => {
  expect(swap.name).toBe('Swap');
  expect(await verdict(swap, { files: { '/proc/swaps': heading } })).toEqual(clean);
  const on = `${heading}/dev/sda2   partition\t\t1\n/swapfile   file\t\t1\n`;
  const { errors, warnings } = await verdict(swap, { files: { '/proc/swaps': on } });
  expect(errors).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('(/dev/sda2, /swapfile)')]);
});

test('the check Swap passes on a kernel without swap', async () => {
  expect(await verdict(swap)).toEqual(clean);
});

test('the check Swap warns when the list cannot be read', async () => {
  const { warnings } = await verdict(swap, {}, ({ disk }) => disk.fail('/proc/swaps', 'EIO'));
  expect(warnings).toEqual([expect.stringContaining('/proc/swaps')]);
});
