import { closeSync, constants, fchmodSync, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { describeErrno, FileError, KubeadmError, messageOf } from '../../../errors.ts';
import { codeOf } from '../error-code.ts';
import { writeTarget } from '../files/target.ts';

/** How long a pipe may have no reader before the run, or a reader that reads nothing after the run. */
const readerMs = 10_000;
const interruptedMs = 1_000;
const retryMs = 20;
/** Much more than the events of one run. */
const queueBytes = 1024 * 1024;

export interface OutputFileOptions {
  /** The result of a run has secrets. Its file gets mode 0600, even if it exists with another mode. */
  readonly content: 'events' | 'result';
  readonly signal: AbortSignal;
}

/**
 * Empties the file, or creates it (0600), for lines of JSON. In a regular file, a line is there when `write` returns,
 * so a run that is killed leaves all lines before. For a pipe, lines that do not fit wait in memory. `close` waits for
 * the reader until that reads nothing for 10 s, or for one second if the signal is aborted. If the reader goes away or
 * hangs, or if the disk is full, the run goes on without the remaining lines.
 *
 * @throws FileError; KubeadmError code `timeout` for a named pipe that nobody reads for 10 s, `interrupted`
 */
export async function openOutputFile(path: string, { content, signal }: OutputFileOptions) {
  // This refuses files and links of other users in shared folders.
  writeTarget(path);
  const fd =
    (content === 'result' ? socketDescriptor(path) : undefined) ?? (await openWithReader(path, signal));
  if (content === 'result') protect(fd, path);
  let queue: Buffer = Buffer.alloc(0);
  let closed = false;
  let problem: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (why: string | undefined): void => {
    closed = true;
    queue = Buffer.alloc(0);
    if (why !== undefined)
      problem = `the ${content} in ${path} ${content === 'events' ? 'are' : 'is'} not complete: ${why}`;
  };
  const flush = (): void => {
    try {
      while (queue.length > 0) queue = queue.subarray(writeSync(fd, queue));
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EAGAIN') timer ??= setInterval(flush, retryMs).unref();
      else giveUp(code === 'EPIPE' ? undefined : describeErrno(code ?? messageOf(error)));
    }
  };
  return {
    write: (line: string): void => {
      if (closed) return;
      queue = Buffer.concat([queue, Buffer.from(line)]);
      flush();
      if (queue.length > queueBytes) giveUp('their reader is too slow');
    },
    close: async (): Promise<string | undefined> => {
      closed = true;
      for (let left = queue.length, since = performance.now(); queue.length > 0; await sleep(retryMs)) {
        if (queue.length < left) [left, since] = [queue.length, performance.now()];
        const limitMs = signal.aborted ? interruptedMs : readerMs;
        if (performance.now() - since > limitMs) giveUp(`their reader reads nothing (${limitMs / 1000} s)`);
      }
      clearInterval(timer);
      closeSync(fd);
      return problem;
    },
  };
}

/**
 * Returns the descriptor of a path such as /dev/fd/3 if it is a socket, which cannot be opened by its path. Node gives
 * sockets to the programs that it starts. A write to it can block, so it is only for one short line.
 */
function socketDescriptor(path: string): number | undefined {
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1];
  if (number === undefined) return undefined;
  const fd = Number(number);
  try {
    return fstatSync(fd).isSocket() ? fd : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the rights of others to a regular file away. @throws FileError if the file belongs to another user */
function protect(fd: number, path: string): void {
  const stat = fstatSync(fd);
  if (!stat.isFile() || (stat.mode & 0o077) === 0) return;
  try {
    fchmodSync(fd, 0o600);
  } catch (error) {
    closeSync(fd);
    throw new FileError('chmod', path, codeOf(error) ?? messageOf(error), { cause: error });
  }
}

async function openWithReader(path: string, signal: AbortSignal): Promise<number> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;
  const deadline = performance.now() + readerMs;
  for (;;) {
    try {
      return openSync(path, flags, 0o600);
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined) throw error;
      if (code !== 'ENXIO' || !statSync(path).isFIFO())
        throw new FileError('open', path, code, { cause: error });
    }
    if (signal.aborted) throw new KubeadmError('interrupted', messageOf(signal.reason));
    if (performance.now() > deadline) {
      throw new KubeadmError('timeout', `nobody has opened the pipe ${path} for ${readerMs / 1000} s`, {
        hint: 'start the program that reads it first',
      });
    }
    await sleep(retryMs);
  }
}
