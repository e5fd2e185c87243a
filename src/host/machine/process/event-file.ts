import { closeSync, constants, openSync, statSync, writeSync } from 'node:fs';
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

/**
 * Empties the file, or creates it (0600), for lines of events. In a regular file, a line is there when `write` returns,
 * so a run that is killed leaves all lines before. For a pipe, lines that do not fit wait in memory. `close` waits for
 * the reader until that reads nothing for 10 s, or for one second if the signal is aborted. If the reader goes away or
 * hangs, or if the disk is full, the run goes on without the remaining lines.
 *
 * @throws FileError; KubeadmError code `timeout` for a named pipe that nobody reads for 10 s, `interrupted`
 */
export async function openEventFile(path: string, signal: AbortSignal) {
  // This refuses files and links of other users in shared folders.
  writeTarget(path);
  const fd = await openWithReader(path, signal);
  let queue: Buffer = Buffer.alloc(0);
  let closed = false;
  let problem: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (why: string | undefined): void => {
    closed = true;
    queue = Buffer.alloc(0);
    if (why !== undefined) problem = `the events in ${path} are not complete: ${why}`;
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
