/** The reader of a pipe for events, and its speed, do not change the run or its signals. */
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, type TestContext, test } from 'vitest';
import { configuration } from '../../src/cli/command.fixture.ts';
import { recordedEvent } from '../../src/cli/render/json.ts';
import { bun, node } from '../support/runtimes.ts';

const program = path.resolve(import.meta.dirname, '../../src/bin.ts');

/** A module that creates the file `catches-signals` in the folder when its process listens for SIGTERM. */
function signalMarker(folder: string): string {
  return `import { writeFileSync } from 'node:fs';
    const timer = setInterval(() => {
      if (process.listenerCount('SIGTERM') === 0) return;
      clearInterval(timer);
      writeFileSync(${JSON.stringify(`${folder}/catches-signals`)}, '');
    }, 5);
    timer.unref();`;
}

/** A pipe, and a run that writes its events there. */
function prepare(runtime: string, { onTestFinished }: TestContext) {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-event-pipe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [pipe, config] = [path.join(folder, 'pipe'), path.join(folder, 'config')];
  const preload = [runtime === node ? '--import' : '--preload', path.join(folder, 'marker.mjs')];
  writeFileSync(path.join(folder, 'marker.mjs'), signalMarker(folder));
  execFileSync('mkfifo', [pipe]);
  writeFileSync(config, `${configuration}certificatesDir: ${folder}/pki\n`);
  const start = (target = pipe, under: readonly [string, ...string[]] = ['env']) => {
    const args = ['init', 'phase', 'certs', 'all', `--config=${config}`, `--output-events=json=${target}`];
    const child = spawn(under[0], [...under.slice(1), runtime, ...preload, program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (data) => (said.stdout += String(data)));
    child.stderr.on('data', (data) => (said.stderr += String(data)));
    const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
      child.on('close', (code, name) => resolve(code ?? name));
    });
    const catchesSignals = async (): Promise<void> => {
      while (!existsSync(`${folder}/catches-signals`)) await sleep(20);
    };
    const lastPhase = async (): Promise<void> => {
      while (!said.stdout.includes('[certs] Generating "sa" key')) await sleep(20);
    };
    return { said, ended, kill: () => child.kill('SIGTERM'), lastPhase, catchesSignals };
  };
  /** Opens the pipe for reading, and fills it. */
  const fill = (): { readonly fd: number; readonly filled: number } => {
    const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => closeSync(fd));
    for (let filled = 0; ; ) {
      try {
        filled += writeSync(fd, Buffer.alloc(4096));
      } catch {
        return { fd, filled };
      }
    }
  };
  return { pipe, start, fill };
}

// The tests wait for time limits most of the time.
describe.concurrent.each([
  ['the executable', bun],
  ['Node', node],
])('a pipe for the events of %s', (_name, runtime) => {
  test('loses lines if its reader does not read, and does not stop the run', async (context) => {
    const { expect } = context;
    const { pipe, start, fill } = prepare(runtime, context);
    fill();
    const { said, ended, lastPhase } = start();
    await lastPhase();
    expect(await ended).toBe(0);
    expect(said.stderr).toContain(`warning: the events in ${pipe} are not complete: `);
  });

  test('does not delay a signal if its reader does not read', async (context) => {
    const { expect } = context;
    const { start, fill } = prepare(runtime, context);
    fill();
    const { said, ended, kill, lastPhase } = start();
    await lastPhase();
    kill();
    await ended;
    expect(said.stderr).toContain('their reader reads nothing (1 s)');
  });

  test('gets all lines if its reader reads late', async (context) => {
    const { expect } = context;
    const { start, fill } = prepare(runtime, context);
    const { fd, filled } = fill();
    const { said, ended, lastPhase } = start();
    await lastPhase();
    const bytes = Buffer.alloc(filled);
    expect(readSync(fd, bytes)).toBe(filled);
    expect([await ended, said.stderr]).toEqual([0, '']);
    const lines = bytes.toString('utf8', 0, readSync(fd, bytes)).trimEnd().split('\n');
    const types = lines.map((line) => recordedEvent(line).event.type);
    expect([types.at(0), types.at(-1)]).toEqual(['run-started', 'run-finished']);
  });

  test('makes the run wait for a reader', async (context) => {
    const { expect } = context;
    const { pipe, start } = prepare(runtime, context);
    const { ended } = start();
    await sleep(1_000);
    const text = await readFile(pipe, 'utf8');
    expect(await ended).toBe(0);
    expect(text).toContain('"run-finished"');
  });

  test('does not delay a signal if it has no reader', async (context) => {
    const { expect } = context;
    const { start } = prepare(runtime, context);
    const { said, ended, kill, catchesSignals } = start();
    await catchesSignals();
    kill();
    expect(await ended).toBe('SIGTERM');
    expect(said.stderr).toContain('error: interrupted by SIGTERM\n');
  });

  test('is named in an error if it never gets a reader', async (context) => {
    const { expect } = context;
    const { pipe, start } = prepare(runtime, context);
    const { said, ended } = start();
    expect(await ended).toBe(1);
    expect(said.stderr).toContain(`error: nobody has opened the pipe ${pipe} for 10 s\n`);
  });

  test('is not an error if its reader ended before the run began', async (context) => {
    const { expect } = context;
    const { start } = prepare(runtime, context);
    const script = '{ sleep 1; "$@"; echo "$?" >&2; } 3>&1 >/dev/null | true';
    const { said, ended } = start('/dev/fd/3', ['sh', '-c', script, 'sh']);
    await ended;
    expect(said.stderr).toBe('0\n');
  });
});
