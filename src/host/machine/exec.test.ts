import { expect, test } from 'vitest';

import { ExecError } from '../../errors.ts';
import { createMachineExec, programFolders } from './exec.ts';

const { run } = createMachineExec();
const shell = async (script: string, options = {}) => await run('sh', ['-c', script], options);

test('a program runs in / with a PATH and a locale of our own and nothing else of the environment', async () => {
  process.env.KUBEADM_EXEC_TEST = 'leaks';
  const { stdout } = await shell('pwd; env');
  delete process.env.KUBEADM_EXEC_TEST;
  const [folder, ...lines] = stdout.trim().split('\n');
  expect(folder).toBe('/');
  expect(lines).toContain(`PATH=${programFolders.join(':')}`);
  expect(lines).toContain('LC_ALL=C');
  const names = lines.map((line) => line.split('=')[0]).filter((name) => name !== '_' && name !== 'OLDPWD');
  expect(names.sort()).toEqual(['HOME', 'LC_ALL', 'PATH', 'PWD']);
});

test.each([
  ['KILL', 137],
  ['TERM', 143],
  ['SEGV', 139],
] as const)('ended by SIG%s: exit code %i, as a shell says it', async (signal, code) => {
  expect(await shell(`echo before; kill -${signal} $$`)).toMatchObject({ code, stdout: 'before\n' });
});

test('large output on both streams is whole', async () => {
  const { stdout, stderr } = await shell('seq 100000; seq 100000 >&2');
  expect(stdout.length).toBe(588_895);
  expect(stderr).toBe(stdout);
});

test('one that takes too long is killed with all that it started', async () => {
  const started = performance.now();
  const error = await shell('sleep 47.11 & sleep 47.12', { timeoutMs: 200 }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ExecError);
  expect(error).toMatchObject({ message: expect.stringMatching(/did not end within 0\.2 s and was killed/) });
  expect(performance.now() - started).toBeLessThan(10_000);
  const left = await shell('ps -eo args= | grep -c "^sleep 47[.]1[12]" || true');
  expect(left.stdout.trim()).toBe('0');
});

test('a daemon that keeps the streams open after its parent does not hold the call past its time', async () => {
  const started = performance.now();
  const call = shell('setsid sleep 5 & exit 0', { timeoutMs: 300 });
  await expect(call).rejects.toThrow(/did not end within 0\.3 s/);
  expect(performance.now() - started).toBeLessThan(4000);
});

test('what is no program says why', async () => {
  await expect(run('/etc/passwd', [])).rejects.toThrow(ExecError);
});
