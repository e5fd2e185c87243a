/** The live view in a real terminal: it is visible during the run, and does not change the text. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { RunResult } from '../../lab/index.ts';
import { expectEvents } from '../support/event-stream.ts';
import { kubeadm } from '../support/node.ts';
import { openWindow, type TerminalWindow } from '../support/terminal.ts';

const args = ['init', 'phase', 'certs', 'all'];
let folder = '';
let window: TerminalWindow | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-live-'));
});
afterEach(() => {
  window?.close();
  window = undefined;
  rmSync(folder, { recursive: true });
});

/** Creates certificates in a separate folder, which takes some seconds and changes nothing else on this machine. */
function command(name: string): readonly string[] {
  const certificatesDir = path.join(folder, name);
  const file = path.join(folder, `${name}.yaml`);
  mkdirSync(certificatesDir);
  writeFileSync(
    file,
    `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: 10.88.0.10 }
nodeRegistration: { name: control-plane, criSocket: "unix:///run/containerd/containerd.sock" }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
encryptionAlgorithm: RSA-3072
certificatesDir: ${certificatesDir}
`,
  );
  return [kubeadm, ...args, '--config', file, `--output-events=json=${folder}/${name}.jsonl`];
}

/** Expects that the events of the run match its output. */
function expectStream(name: string, result: RunResult): void {
  expectEvents(readFileSync(path.join(folder, `${name}.jsonl`), 'utf8'), result, args);
}

let plainText: string | undefined;

/** The output of the same command without a terminal, which differs only in the name of the folder. */
function plain(): string {
  if (plainText === undefined) {
    const [program = '', ...rest] = command('plain');
    const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8' });
    expect(status).toBe(0);
    expectStream('plain', { code: 0, stdout, stderr });
    plainText = stdout.replaceAll(`${folder}/plain`, 'FOLDER').trimEnd();
  }
  return plainText.replaceAll('FOLDER', `${folder}/seen`);
}

/** The text of the terminal between the command line and the mark at its end. */
function written(screen: string): string {
  return /begin\n([\s\S]*)\nend \d+\n\$$/.exec(screen)?.[1] ?? screen;
}

/** Expects that the run in the window succeeded, with the same text as without a terminal. */
function expectSeen(seen: TerminalWindow): void {
  expect(written(seen.screen('history'))).toBe(plain());
  expectStream('seen', { code: 0, stdout: `${plain()}\n`, stderr: '' });
}

function start(words: readonly string[]): void {
  writeFileSync(path.join(folder, 'run.sh'), `echo begin; ${words.join(' ')}; echo end $?\n`);
  window?.type(`clear; . ${folder}/run.sh`);
}

const view = /^init phase certs all: \d+ of 12 phases done, [01] running, /m;

test.each([80, 200])(
  'the live view is below the text during the run, and removed afterwards, at %d columns',
  async (columns) => {
    window = await openWindow({ columns });
    start(command('seen'));
    const seen = await window.until(/: [1-9]\d* of 12 phases done/);
    expect(seen).toMatch(view);
    expect(seen.split('\n').at(-1)).toMatch(/^ {2}certs\/[a-z-]+ +\d+\.\ds$/);
    await window.until(/^end 0$/m);
    expectSeen(window);
    expect(window.bytes()).toContain('\x1b[1m');
  },
);

test('the live view stays in its place when the window is resized', async () => {
  window = await openWindow({ columns: 200 });
  start(command('seen'));
  await window.until(/: 1 of 12 phases done/);
  window.resize(50, 24);
  await window.until(/: [2-9] of 12 phases done/);
  window.resize(120, 8);
  await window.until(/^end 0$/m);
  expectSeen(window);
});

test('the live view fits into a window that is too narrow for it', async () => {
  window = await openWindow({ columns: 24 });
  start(command('seen'));
  await window.until(/^init phase certs all: …$/m);
  await window.until(/^end 0$/m);
  expectSeen(window);
});

test('the live view has no colour if NO_COLOR is set', async () => {
  window = await openWindow({ columns: 80 });
  start(['NO_COLOR=1', ...command('seen')]);
  expect(await window.until(/of 12 phases done/)).toMatch(view);
  await window.until(/^end 0$/m);
  expect(window.bytes()).not.toContain('\x1b[1m');
  expectSeen(window);
});

test.each([
  ['TERM=dumb', (words: readonly string[]) => ['TERM=dumb', ...words]],
  ['CI', (words: readonly string[]) => ['CI=true', ...words]],
  ['a pipe', (words: readonly string[]) => [...words, '| cat']],
])('the live view is off with %s', async (_, change) => {
  window = await openWindow({ columns: 80 });
  start(change(command('seen')));
  await window.until(/^end 0$/m);
  expect(window.bytes()).not.toContain('phases done');
  expectSeen(window);
});

test('ctrl-C removes the live view, and the text reports the interruption', async () => {
  window = await openWindow({ columns: 80 });
  // With a trap, the shell continues after a program that was ended by the signal.
  start(['trap : INT;', ...command('seen')]);
  await window.until(/: 2 of 12 phases done/);
  window.press('C-c');
  const seen = await window.until(/^end 130$/m);
  expect(seen).not.toContain('phases done');
  expect(seen).toMatch(/interrupted by SIGINT/);
  const [stdout = '', stderr = ''] = written(window.screen('history')).split(/(?<=\n)(?=error: )/);
  expectStream('seen', { code: 130, stdout, stderr: `${stderr}\n` });
});

test('killing the process during the live view leaves a usable terminal', async () => {
  window = await openWindow({ columns: 80 });
  start(['sh', '-c', `'echo $$ > ${folder}/pid; exec "$0" "$@"'`, ...command('seen')]);
  await window.until(/: 2 of 12 phases done/);
  const killed = spawnSync('sh', ['-c', `kill -9 $(cat ${folder}/pid)`]);
  expect(killed.status).toBe(0);
  await window.until(/^end 137/m);
  expectStream('seen', { code: 137, stdout: '', stderr: '' });
  window.type('stty -a | grep -c " echo "; echo usable');
  await window.until(/^1\nusable$/m);
  // Expects no hidden cursor and no other changed mode.
  expect(window.bytes()).not.toMatch(/\?25l/);
});
