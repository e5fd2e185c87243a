/** The process ends only after all output is written, so a slow reader still gets every byte. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';

import { bun } from '../support/runtimes.ts';

const run = promisify(execFile);
const program = path.resolve(import.meta.dirname, '../../src/bin.ts');
const streams = path.resolve(import.meta.dirname, '../../src/host/machine/process/standard-streams.ts');
const signals = path.resolve(import.meta.dirname, '../../src/host/machine/process/signals.ts');
const node = path.resolve(import.meta.dirname, '../../node_modules/.bin/node');
/** Larger than the buffer of a pipe. */
const kinds = Array(80).fill('KubeletConfiguration').join(',');

test.each([
  ['the executable', bun],
  ['Node', node],
])('a slow reader gets every byte of %s', async (_name, runtime) => {
  const command = '"$1" "$2" config print init-defaults --component-configs="$3"';
  const count = async (reader: string, starter = ''): Promise<number> =>
    Number(
      (await run('sh', ['-c', `${starter} ${command} | ${reader}`, 'sh', runtime, program, kinds])).stdout,
    );
  const all = await count('wc -c');
  expect(all).toBeGreaterThan(70_000);
  expect(await count('(sleep 1; wc -c)')).toBe(all);
  // The same for a pipe that another program has made non-blocking.
  const unblocked = `perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK); exec @ARGV'`;
  expect(await count('(sleep 1; wc -c)', unblocked)).toBe(all);
  // If the reader goes away, only the output ends.
  expect(await count('(head -c 10 >/dev/null; echo 0)')).toBe(0);
});

test.each([
  ['the executable', bun],
  ['Node', node],
])('a reader that does not read does not keep a signal from %s', async (_name, runtime) => {
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
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  child.stdout.destroy();
});

test.each([
  ['the executable', bun],
  ['Node', node],
])('a reader that does not read does not keep %s alive after a signal', async (_name, runtime) => {
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
])('a file contains all output of %s after a kill', async (_name, runtime) => {
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

const runtimes = [
  ['the executable', bun],
  ['Node', node],
] as const;

/** Runs a shell script with kubeadm's command line as arguments; returns the exit code and both streams. */
async function inShell(script: string, ...args: readonly string[]) {
  const child = spawn('bash', ['-c', script, 'bash', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (said.stdout += String(data)));
  child.stderr.on('data', (data) => (said.stderr += String(data)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

describe.concurrent.each(runtimes)('output of %s', (_name, runtime) => {
  test('to a full device ends with exit code 1 and an error', async () => {
    for (const args of [['version'], ['config', 'print', 'init-defaults'], ['completion', 'bash']]) {
      expect(await inShell('"$@" >/dev/full', runtime, program, ...args)).toEqual({
        code: 1,
        stdout: '',
        stderr: 'error: write to standard output: no space left on device\n',
      });
    }
  });

  test('whose reader went away is not an error', async () => {
    const script = '{ sleep 0.5; "$@"; echo "$?" >&2; } | true';
    expect((await inShell(script, runtime, program, 'version')).stderr).toBe('0\n');
  });

  test('keeps its order if both streams are the same', async () => {
    const text = `
      import { flushStandard, writeStandard } from ${JSON.stringify(streams)};
      for (let line = 0; line < 300; line++) writeStandard(1, 'x'.repeat(999) + '\\n');
      writeStandard(2, 'the error');
      await flushStandard(new AbortController().signal);
      process.exit(0);`;
    const flags = runtime === node ? ['--input-type=module'] : [];
    const script = '"$@" 2>&1 | (sleep 0.5; cat)';
    const { stdout } = await inShell(script, runtime, ...flags, '-e', text);
    expect(stdout.length).toBe(300_009);
    expect(stdout.slice(-9)).toBe('the error');
  });

  test('to a stopped terminal does not delay a signal', async () => {
    const python = `
import os, pty, signal, subprocess, sys, termios, time
master, terminal = pty.openpty()
termios.tcflow(terminal, termios.TCOOFF)
child = subprocess.Popen(sys.argv[1:], stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True)
time.sleep(3)
running = child.poll() is None
child.send_signal(signal.SIGINT)
print(running, child.wait(10))`;
    const { stdout } = await inShell('"$@"', 'python3', '-c', python, runtime, program, 'version');
    expect(stdout).toBe('True -2\n');
  });
});

describe.each(runtimes)('a signal for %s', (_name, runtime) => {
  const script = (body: string): string => `
    import { listenForSignals } from ${JSON.stringify(signals)};
    const interruption = listenForSignals();
    ${body}`;
  const start = (text: string, under: readonly string[] = []) => {
    const flags = runtime === node ? ['--input-type=module'] : [];
    const [command = '', ...args] = [...under, runtime, ...flags, '-e', text];
    return spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const untilAborted = script(`
    const timer = setInterval(() => undefined, 1000);
    interruption.signal.addEventListener('abort', async () => {
      console.log(interruption.signal.reason.message);
      await interruption.die();
      process.exit(1);
    });
    console.log('ready');`);

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends the run, and is the exit status of the process',
    async (name) => {
      const child = start(untilAborted);
      await once(child.stdout, 'data');
      child.kill(name);
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      expect(line.toString()).toBe(`interrupted by ${name}\n`);
      expect(await once(child, 'exit')).toEqual([null, name]);
    },
  );

  test('ends the shell script that runs kubeadm', async () => {
    const child = spawn(
      'bash',
      [
        '-c',
        '"$@"; echo goes on',
        'bash',
        runtime,
        ...(runtime === node ? ['--input-type=module'] : []),
        '-e',
        untilAborted,
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
      },
    );
    let output = '';
    child.stdout.on('data', (data) => (output += String(data)));
    await once(child.stdout, 'data');
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await once(child, 'close');
    expect(output).toBe('ready\ninterrupted by SIGINT\n');
  });

  test('does not end the run if it is SIGHUP', async () => {
    const child = start(script(`console.log('ready'); setTimeout(() => process.exit(7), 1000);`));
    await once(child.stdout, 'data');
    child.kill('SIGHUP');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });
});

test('stays ignored if the parent ignores it', async () => {
  const text = `
    import { listenForSignals } from ${JSON.stringify(signals)};
    const { signal } = listenForSignals();
    process.kill(process.pid, 'SIGINT');
    setTimeout(() => process.exit(signal.aborted ? 1 : 7), 300);`;
  expect((await inShell(`trap '' INT; "$@"`, bun, '-e', text)).code).toBe(7);
});
