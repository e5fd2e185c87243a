import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { openEventFile } from './event-file.ts';

const run = promisify(execFile);

describe('the file of events', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-events-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is emptied, and has each line at once', async () => {
    const file = path.join(folder, 'events');
    writeFileSync(file, 'of a run before\n');
    const events = await openEventFile(file);
    expect(readFileSync(file, 'utf8')).toBe('');
    events.write('one\n');
    expect(readFileSync(file, 'utf8')).toBe('one\n');
    events.write('zwölf\n');
    events.close();
    events.write('too late\n');
    expect(readFileSync(file, 'utf8')).toBe('one\nzwölf\n');
  });

  test('is made for its owner alone', async () => {
    const file = path.join(folder, 'new');
    (await openEventFile(file)).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('that cannot be made is an error that names it', async () => {
    const file = path.join(folder, 'no/such/folder');
    await expect(openEventFile(file)).rejects.toThrow(`open ${file}: `);
  });

  test('may be a pipe whose reader goes away', async () => {
    const pipe = path.join(folder, 'pipe');
    await run('mkfifo', [pipe]);
    // Reads one byte, then ends.
    const reader = run('head', ['-c', '1', pipe]);
    const events = await openEventFile(pipe);
    events.write('one\n');
    expect((await reader).stdout).toBe('o');
    for (let line = 0; line < 3; line++) events.write('nobody reads this\n');
    events.close();
  });
});
