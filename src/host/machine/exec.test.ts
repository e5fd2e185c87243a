import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, expect, onTestFinished, test } from 'vitest';

import { ExecError } from '../../errors.ts';
import { createMachineExec, programFolders } from './exec.ts';

const ownPath = process.env.PATH ?? '';
afterEach(() => {
  process.env.PATH = ownPath;
});

const { find, run } = createMachineExec();
const shell = async (script: string, options = {}) => await run('sh', ['-c', script], options);

test('a program runs in / with a fixed PATH and locale and nothing else of the environment', async () => {
  process.env.PATH = `${ownPath.split(':')[0]}/none:relative`;
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
] as const)('a program ended by SIG%s has the exit code %i, as in a shell', async (signal, code) => {
  expect(await shell(`echo before; kill -${signal} $$`)).toMatchObject({ code, stdout: 'before\n' });
});

test('large output on both streams is complete', async () => {
  const { stdout, stderr } = await shell('seq 100000; seq 100000 >&2');
  expect(stdout.length).toBe(588_895);
  expect(stderr).toBe(stdout);
});

test('a program that exceeds its time limit is killed with the processes that it started', async () => {
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

test('a daemon that keeps the output open after its parent ends does not extend the time limit of the call', async () => {
  const started = performance.now();
  const call = shell('setsid sleep 5 & exit 0', { timeoutMs: 300 });
  await expect(call).rejects.toThrow(/did not end within 0\.3 s/);
  expect(performance.now() - started).toBeLessThan(4000);
});

test('a file that is not a program is an ExecError', async () => {
  await expect(run('/etc/passwd', [])).rejects.toThrow(ExecError);
});

/** A folder with a program in it that prints its name. */
function folderWith(program: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-exec-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, program), '#!/bin/sh\necho "$0 $PATH"\n', { mode: 0o755 });
  return folder;
}

const asRoot = test.skipIf(process.getuid?.() !== 0);

asRoot(
  'a program in a folder of PATH in which only root can write is found after the fixed folders',
  async () => {
    const folder = folderWith('kubeadm-exec-test');
    writeFileSync(path.join(folder, 'sh'), '', { mode: 0o755 });
    process.env.PATH = `${folder}:/usr/bin`;
    expect(await find('kubeadm-exec-test')).toBe(path.join(folder, 'kubeadm-exec-test'));
    expect(await find('sh')).not.toBe(path.join(folder, 'sh'));
    const { stdout } = await run('kubeadm-exec-test', []);
    expect(stdout).toBe(`${folder}/kubeadm-exec-test ${[...programFolders, folder].join(':')}\n`);
  },
);

asRoot(
  'folders and programs that others can change are not used, and the error names the folders',
  async () => {
    const [open, foreign, file, below] = ['open', 'foreign', 'file', 'below'].map(() =>
      folderWith('kubeadm-exec-test'),
    );
    if (open === undefined || foreign === undefined || file === undefined || below === undefined) return;
    chmodSync(open, 0o775);
    chownSync(foreign, 65_534, 0);
    chmodSync(path.join(file, 'kubeadm-exec-test'), 0o757);
    mkdirSync(path.join(below, 'bin'));
    writeFileSync(path.join(below, 'bin/kubeadm-exec-test'), '', { mode: 0o755 });
    chmodSync(below, 0o777);
    process.env.PATH = [open, foreign, file, path.join(below, 'bin'), '.', ''].join(':');
    expect(await find('kubeadm-exec-test')).toBeUndefined();
    await expect(run('kubeadm-exec-test', [])).rejects.toMatchObject({
      message: `program kubeadm-exec-test was not found in ${[...programFolders, file].join(':')}`,
      hint: expect.stringContaining(
        `are not searched: ${[open, foreign, path.join(below, 'bin')].join(':')}`,
      ),
    });
  },
);

test('output beyond 16 MiB is dropped, and the last line reports how much', async () => {
  const { stdout } = await shell('head -c 16777226 /dev/zero');
  expect(stdout.length).toBeLessThan(16_777_216 + 100);
  expect(stdout.slice(-50)).toContain('(10 more bytes of output were not kept)');
});

test('an aborted signal kills the program and the processes that it started', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('interrupted by SIGINT')), 200);
  const started = performance.now();
  await expect(shell('sleep 47.21 & sleep 47.22', { signal: stop.signal })).rejects.toMatchObject({
    code: 'interrupted',
    message: expect.stringMatching(/^interrupted by SIGINT during .*sh -c/),
  });
  expect(performance.now() - started).toBeLessThan(5000);
  const left = await shell('ps -eo args= | grep -c "^sleep 47[.]2[12]" || true');
  expect(left.stdout.trim()).toBe('0');
  await expect(shell('true', { signal: stop.signal })).rejects.toMatchObject({ code: 'interrupted' });
});

test('an entry of PATH that cannot be looked at is passed over', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-exec-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync('loop', `${folder}/loop`);
  process.env.PATH = `${folder}/loop:${folder}/${'x'.repeat(300)}:${ownPath}`;
  expect(await find('no-such-program')).toBeUndefined();
  expect(await shell('exit 3')).toMatchObject({ code: 3 });
});
