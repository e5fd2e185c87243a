/** The process ends when all is said, not before: a reader that is slow still gets every byte. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

import { bun } from './programs.ts';

const run = promisify(execFile);
const program = path.resolve(import.meta.dirname, '../../src/bin.ts');
const streams = path.resolve(import.meta.dirname, '../../src/host/machine/process/standard-streams.ts');
const node = path.resolve(import.meta.dirname, '../../node_modules/.bin/node');
/** More than a pipe holds. */
const kinds = Array(80).fill('KubeletConfiguration').join(',');

test.each([
  ['the executable', bun],
  ['Node', node],
])('on %s', async (_name, runtime) => {
  const command = '"$1" "$2" config print init-defaults --component-configs="$3"';
  const count = async (reader: string, starter = ''): Promise<number> =>
    Number(
      (await run('sh', ['-c', `${starter} ${command} | ${reader}`, 'sh', runtime, program, kinds])).stdout,
    );
  const all = await count('wc -c');
  expect(all).toBeGreaterThan(70_000);
  expect(await count('(sleep 1; wc -c)')).toBe(all);
  // Of a pipe that another program has made non-blocking, too.
  const unblocked = `perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK); exec @ARGV'`;
  expect(await count('(sleep 1; wc -c)', unblocked)).toBe(all);
  // A reader that goes away ends nothing but the output.
  expect(await count('(head -c 10 >/dev/null; echo 0)')).toBe(0);
});

test.each([
  ['the executable', bun],
  ['Node', node],
])('a reader that reads nothing does not keep a signal from %s', async (_name, runtime) => {
  const args = [
    program,
    'config',
    'print',
    'init-defaults',
    `--component-configs=${Array(4).fill(kinds).join(',')}`,
  ];
  const child = spawn(runtime, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'readable');
  expect(child.exitCode).toBeNull();
  child.kill('SIGTERM');
  await once(child, 'exit');
  child.stdout.destroy();
});

test.each([
  ['the executable', bun],
  ['Node', node],
])('a reader that reads nothing does not keep %s after a signal', async (_name, runtime) => {
  const script = `
    import { flushStandard, writeStandard } from ${JSON.stringify(streams)};
    for (let line = 0; line < 300; line++) writeStandard(1, 'x'.repeat(999) + '\\n');
    await flushStandard(AbortSignal.abort());
    process.exit(7);`;
  const child = spawn(runtime, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(await once(child, 'exit')).toEqual([7, null]);
  child.stdout.destroy();
});

test.each([
  ['the executable', bun],
  ['Node', node],
])('a file has all that %s had said when it was killed', async (_name, runtime) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-output-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = `
    import { writeStandard } from ${JSON.stringify(streams)};
    for (let line = 0; line < 2000; line++) writeStandard(2, 'x'.repeat(149) + '\\n');
    process.kill(process.pid, 'SIGKILL');`;
  const file = openSync(path.join(folder, 'stderr'), 'w');
  const child = spawn(runtime, ['--input-type=module', '-e', script], { stdio: ['ignore', 'inherit', file] });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  closeSync(file);
  expect(statSync(path.join(folder, 'stderr')).size).toBe(300_000);
});
