import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { openOutputFile } from './output-file.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

describe('the file of events', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-events-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('an existing file for events is emptied, and each line is in it at once', async () => {
    const file = path.join(folder, 'events');
    writeFileSync(file, 'of a run before\n');
    const events = await openOutputFile(file, { content: 'events', signal });
    expect(readFileSync(file, 'utf8')).toBe('');
    events.write('one\n');
    expect(readFileSync(file, 'utf8')).toBe('one\n');
    events.write('zwölf\n');
    expect(await events.close()).toBeUndefined();
    events.write('too late\n');
    expect(readFileSync(file, 'utf8')).toBe('one\nzwölf\n');
  });

  test('only its owner can read a new file for events', async () => {
    const file = path.join(folder, 'new');
    await (await openOutputFile(file, { content: 'events', signal })).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('others cannot read a result, even if its file existed with another mode', async () => {
    const file = path.join(folder, 'result');
    writeFileSync(file, 'old', { mode: 0o644 });
    const result = await openOutputFile(file, { content: 'result', signal });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    result.write('{}\n');
    expect(await result.close()).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toBe('{}\n');
  });

  test('a result on a full disk is reported as not complete', async () => {
    const result = await openOutputFile('/dev/full', { content: 'result', signal });
    result.write('{}\n');
    expect(await result.close()).toBe('the result in /dev/full is not complete: no space left on device');
  });

  test('a file for events that cannot be created is an error with its path', async () => {
    const file = path.join(folder, 'no/such/folder');
    await expect(openOutputFile(file, { content: 'events', signal })).rejects.toThrow(`open ${file}: `);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'a file for events that belongs to another user in a shared folder is refused',
    async () => {
      const file = path.join(folder, 'events');
      writeFileSync(file, 'old');
      chownSync(file, 65_534, 65_534);
      chmodSync(folder, 0o1777);
      await expect(openOutputFile(file, { content: 'events', signal })).rejects.toMatchObject({
        code: 'file',
        errno: 'EACCES',
      });
      expect(readFileSync(file, 'utf8')).toBe('old');
    },
  );

  test('a run goes on when the pipe for events loses its reader', async () => {
    const pipe = path.join(folder, 'pipe');
    await run('mkfifo', [pipe]);
    // Reads one byte, then ends.
    const reader = run('head', ['-c', '1', pipe]);
    const events = await openOutputFile(pipe, { content: 'events', signal });
    events.write('one\n');
    expect((await reader).stdout).toBe('o');
    for (let line = 0; line < 3; line++) events.write('nobody reads this\n');
    expect(await events.close()).toBeUndefined();
  });

  test('a late and slow reader of the pipe for events gets every line', async () => {
    const pipe = path.join(folder, 'pipe');
    await run('mkfifo', [pipe]);
    const opening = openOutputFile(pipe, { content: 'events', signal });
    const reader = run('sh', ['-c', 'exec < "$1"; sleep 1; wc -c', 'sh', pipe]);
    const events = await opening;
    for (let line = 0; line < 300; line++) events.write(`${'x'.repeat(999)}\n`);
    expect(await events.close()).toBeUndefined();
    expect((await reader).stdout.trim()).toBe('300000');
  });

  test('a pipe for events whose reader does not read loses the remaining lines', async () => {
    const pipe = path.join(folder, 'pipe');
    await run('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const interruption = new AbortController();
    const events = await openOutputFile(pipe, { content: 'events', signal: interruption.signal });
    for (let line = 0; line < 300; line++) events.write(`${'x'.repeat(999)}\n`);
    const closing = events.close();
    interruption.abort();
    expect(await closing).toBe(`the events in ${pipe} are not complete: their reader reads nothing (1 s)`);
    expect(readSync(reader, Buffer.alloc(200_000))).toBeLessThan(100_000);
    const more = await openOutputFile(pipe, { content: 'events', signal });
    for (let line = 0; line < 3_000; line++) more.write(`${'x'.repeat(999)}\n`);
    expect(await more.close()).toContain('not complete: their reader is too slow');
    closeSync(reader);
  });

  test('opening a pipe for events without a reader ends when the signal is aborted', async () => {
    const pipe = path.join(folder, 'pipe');
    await run('mkfifo', [pipe]);
    const interruption = new AbortController();
    const opening = openOutputFile(pipe, { content: 'events', signal: interruption.signal });
    interruption.abort(new Error('interrupted by SIGTERM'));
    await expect(opening).rejects.toMatchObject({ code: 'interrupted', message: 'interrupted by SIGTERM' });
  });
});
