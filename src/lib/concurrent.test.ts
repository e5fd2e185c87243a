import { expect, test } from 'vitest';

import { mapConcurrently } from './concurrent.ts';

const later = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

test('mapConcurrently works on as many items as the limit at once, and returns the results in order', async () => {
  let running = 0;
  let most = 0;
  const results = await mapConcurrently([5, 4, 3, 2, 1], 2, async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < item; turn++) await later();
    running -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 40, 30, 20, 10]);
  expect(most).toBe(2);
});

test('mapConcurrently begins no other item after a failure, and waits for the work that has begun', async () => {
  const ended: number[] = [];
  const outcome = mapConcurrently([0, 1, 2, 3], 2, async (item) => {
    if (item === 0) throw new Error('first');
    await later();
    ended.push(item);
  });
  await expect(outcome).rejects.toThrow('first');
  expect(ended).toEqual([1]);
});

test('mapConcurrently of an empty list returns an empty list', async () => {
  expect(await mapConcurrently([], 8, async () => 1)).toEqual([]);
});
