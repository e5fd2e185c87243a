import { expect, test } from 'vitest';
import { untilAborted } from './abortable.ts';

test('an interruption ends a call that never answers', async () => {
  const stop = new AbortController();
  const never = untilAborted(() => new Promise<void>(() => undefined), stop.signal);
  stop.abort(new Error('interrupted by SIGINT'));
  await expect(never).rejects.toThrow('interrupted by SIGINT');
});

test('work does not begin after an interruption', async () => {
  const begun: string[] = [];
  const work = async () => void begun.push('begun');
  await expect(untilAborted(work, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  expect(begun).toEqual([]);
});

test('without an interruption, the result or the error of the call is returned', async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(async () => 7, signal)).toBe(7);
  await expect(untilAborted(() => Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
});
