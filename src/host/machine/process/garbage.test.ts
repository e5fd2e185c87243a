import { expect, test } from 'vitest';

import { garbageCollector } from './garbage.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the executable frees what is not used any more, Node has no way to', async () => {
  const collect = await garbageCollector();
  if (process.versions.bun === undefined) {
    expect(collect).toBeUndefined();
    return;
  }
  const made = Array.from({ length: 1000 }, (_, n) => new WeakRef({ n }));
  const left = (): number => made.filter((reference) => reference.deref() !== undefined).length;
  // What was made or read in a turn of the event loop stays until its end.
  await nextTurn();
  collect?.();
  await nextTurn();
  expect(left()).toBeLessThan(100);
});

test('the executable gives the pages that it has grown by back to the system', async () => {
  const collect = await garbageCollector();
  if (collect === undefined) return;
  let objects: readonly unknown[] = Array.from({ length: 200_000 }, (_, n) => ({ text: `number ${n}` }));
  const most = process.memoryUsage.rss();
  expect(objects).toHaveLength(200_000);
  objects = [];
  await nextTurn();
  collect();
  for (let tries = 0; tries < 100 && most - process.memoryUsage.rss() < 4 * 2 ** 20; tries++)
    await nextTurn();
  expect((most - process.memoryUsage.rss()) / 2 ** 20).toBeGreaterThan(4);
});
