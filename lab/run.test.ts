import { expect, test } from 'vitest';

import { LabError, mustRun, run } from './run.ts';

test('a program gets its input, and gives both outputs and the exit code', async () => {
  const result = await run(['sh', '-c', 'cat; echo err >&2; exit 3'], { input: 'hello' });
  expect(result).toEqual({ code: 3, stdout: 'hello', stderr: 'err\n' });
});

test('a program past its deadline is killed with its process group, and the error has its output', async () => {
  const begin = performance.now();
  const late = run(['sh', '-c', 'echo so far; sleep 60 & wait'], { timeoutMs: 200 });
  await expect(late).rejects.toThrow(/not done after 200 ms\nso far/);
  expect(performance.now() - begin).toBeLessThan(5000);
});

test('a process left in the background does not delay the result', async () => {
  const begin = performance.now();
  const result = await run(['sh', '-c', 'sleep 4 & echo done']);
  expect(result).toEqual({ code: 0, stdout: 'done\n', stderr: '' });
  expect(performance.now() - begin).toBeLessThan(3500);
});

test('a program may leave a long input unread', async () => {
  expect((await run(['true'], { input: 'x'.repeat(1_000_000) })).code).toBe(0);
});

test('the error of a program has its command and its output', async () => {
  await expect(mustRun(['sh', '-c', 'echo broken >&2; exit 4'])).rejects.toThrow(/exit code 4\nbroken/);
  await expect(run(['/no/such/program'])).rejects.toBeInstanceOf(LabError);
});
