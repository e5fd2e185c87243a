import { expect, test } from 'vitest';

import { garbageCollector } from './garbage.ts';

test('the garbage collector frees unused objects in the executable, and is undefined on Node', async () => {
  const collect = await garbageCollector();
  if (process.versions.bun === undefined) {
    expect(collect).toBeUndefined();
    return;
  }
  const made = Array.from({ length: 1000 }, (_, n) => new WeakRef({ n }));
  const left = (): number => made.filter((reference) => reference.deref() !== undefined).length;
  // Objects that were created or read in a turn of the event loop stay until its end.
  await new Promise(setImmediate);
  collect?.();
  await new Promise(setImmediate);
  expect(left()).toBeLessThan(100);
});
