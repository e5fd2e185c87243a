import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { identify, isAlive, parseStat } from './process.ts';

test('the name of a process may have spaces and parentheses', () => {
  const fields = Array.from({ length: 49 }, (_, index) => String(index + 4));
  const line = `4711 (a) b (c)) S ${fields.join(' ')}`;
  expect(parseStat(line)).toEqual({ pid: 4711, start: '22', state: 'S' });
  expect(parseStat('nonsense')).toBeUndefined();
});

test('a pid with another start time is another process', async () => {
  const self = await identify(process.pid);
  expect(self && (await isAlive(self))).toBe(true);
  expect(await isAlive({ pid: process.pid, start: '1' })).toBe(false);
});

test('a process that ended is gone', async () => {
  const child = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
  const identity = await identify(child.pid ?? 0);
  expect(identity && (await isAlive(identity))).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(identity && (await isAlive(identity))).toBe(false);
});
