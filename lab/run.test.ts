import { expect, test } from 'vitest';

import { LabError, mustRun, run } from './run.ts';

test('input goes in, both outputs and the exit code come out', async () => {
  const result = await run(['sh', '-c', 'cat; echo err >&2; exit 3'], { input: 'hello' });
  expect(result).toEqual({ code: 3, stdout: 'hello', stderr: 'err\n' });
});

test('past the deadline the whole process group is killed, and what it wrote is told', async () => {
  const begin = performance.now();
  const late = run(['sh', '-c', 'echo so far; sleep 60 & wait'], { timeoutMs: 200 });
  await expect(late).rejects.toThrow(/not done after 200 ms\nso far/);
  expect(performance.now() - begin).toBeLessThan(5000);
});

test('what is left in the background does not hold the result up', async () => {
  const begin = performance.now();
  const result = await run(['sh', '-c', 'sleep 4 & echo done']);
  expect(result).toEqual({ code: 0, stdout: 'done\n', stderr: '' });
  expect(performance.now() - begin).toBeLessThan(3500);
});

test('a program that reads nothing of a long input is no error', async () => {
  expect((await run(['true'], { input: 'x'.repeat(1_000_000) })).code).toBe(0);
});

test('failures name the command and what it said', async () => {
  await expect(mustRun(['sh', '-c', 'echo broken >&2; exit 4'])).rejects.toThrow(/exit code 4\nbroken/);
  await expect(run(['/no/such/program'])).rejects.toBeInstanceOf(LabError);
});
