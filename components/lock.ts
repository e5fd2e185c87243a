/** Lets one build at a time use a cache. The kernel releases the lock (flock(2)) when its holder ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ComponentsError } from './errors.ts';
import type { Report } from './events.ts';

const retryMs = 500;

/**
 * Runs `work` with the lock held; waits while another build has it and reports so once, naming the holder.
 * @param purpose the work of the holder, which other builds show while they wait.
 */
export async function withLock<T>(
  root: string,
  purpose: string,
  options: {
    readonly report: Report;
    readonly signal?: AbortSignal | undefined;
    readonly work: () => Promise<T>;
  },
): Promise<T> {
  await mkdir(root, { recursive: true });
  const path = join(root, '.lock');
  let told = false;
  let holder = await tryLock(path);
  while (holder === undefined) {
    if (!told) options.report({ type: 'waiting', holder: await readHolder(`${path}-holder`), path });
    told = true;
    await sleep(retryMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
    holder = await tryLock(path);
  }
  try {
    await writeFile(`${path}-holder`, `process ${process.pid}, ${purpose}\n`);
    return await options.work();
  } finally {
    await unlock(holder);
  }
}

/**
 * util-linux's flock keeps the lock while its `cat` runs. `cat` runs until this process closes its input or ends. It has
 * its own session, so Ctrl-C does not end it before this process.
 */
function tryLock(path: string): Promise<ChildProcess | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['--exclusive', '--nonblock', path, 'sh', '-c', 'echo locked; exec cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    child.on('error', (error) => {
      reject(new ComponentsError('flock is missing', { cause: error, hint: 'It is part of util-linux.' }));
    });
    child.stdout.once('data', () => resolve(child));
    child.once('close', () => resolve(undefined));
  });
}

function unlock(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.stdin?.end();
  });
}

async function readHolder(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trim() || 'another process';
}
