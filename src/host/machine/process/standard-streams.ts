/**
 * Standard output (1) and error (2). No write blocks the process, whose only thread also handles signals. Pipes and
 * terminals are reopened as non-blocking, so that other programs that share them are not affected.
 */
import { constants, fstatSync, openSync, type Stats, writeSync } from 'node:fs';

import { describeErrno } from '../../../errors.ts';
import { codeOf } from '../error-code.ts';

type Stream = 1 | 2;

interface Output {
  readonly write: (bytes: Uint8Array) => void;
  /** Why the output is incomplete; undefined if its reader went away. */
  readonly problem: () => string | undefined;
  /** Resolves when everything is written. */
  readonly end: () => Promise<void>;
}

/** A process has only one of each standard stream. Each is opened on its first write. */
const outputs = new Map<Stream, Output>();
const retryMs = 5;
const interruptedMs = 1_000;
/** Every socket has this much room, so that a write up to this size ends at once. */
const roomBytes = 32 * 1024;

/**
 * Writes as much as fits before it returns, so that this part is kept even if the process is killed next. The rest waits
 * for the reader. If the reader goes away, the output ends, but the run goes on.
 */
export function writeStandard(stream: Stream, text: string): void {
  const output = outputs.get(stream) ?? sharedOutput(stream) ?? open(stream);
  outputs.set(stream, output);
  output.write(Buffer.from(text));
}

/** Resolves when everything is written or the reader is gone. After an abort, it waits one second at most. */
export async function flushStandard(signal: AbortSignal): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    const soon = (): void => void setTimeout(resolve, interruptedMs);
    if (signal.aborted) soon();
    else signal.addEventListener('abort', soon);
  });
  const distinct = [...new Set(outputs.values())];
  await Promise.race([Promise.all(distinct.map((output) => output.end())), stopped]);
}

/** Why standard output is incomplete, such as `no space left on device`; undefined if the reader went away. */
export function outputProblem(): string | undefined {
  return outputs.get(1)?.problem();
}

/** After `2>&1`, both streams share one queue, so that their texts keep their order. */
function sharedOutput(stream: Stream): Output | undefined {
  const other = outputs.get(stream === 1 ? 2 : 1);
  if (other === undefined) return undefined;
  try {
    const [one, two] = [fstatSync(1), fstatSync(2)];
    return !one.isFile() && one.dev === two.dev && one.ino === two.ino ? other : undefined;
  } catch {
    return undefined;
  }
}

function open(stream: Stream): Output {
  let kind: Stats;
  try {
    kind = fstatSync(stream);
  } catch (error) {
    return lostOutput(codeOf(error));
  }
  if (kind.isFIFO() || kind.isCharacterDevice()) {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    try {
      return queuedOutput(openSync(`/proc/self/fd/${stream}`, O_WRONLY | O_NONBLOCK | O_NOCTTY));
    } catch (error) {
      // Nobody has opened the other end.
      if (codeOf(error) === 'ENXIO' && kind.isFIFO()) return lostOutput(undefined);
    }
  }
  // The kernel cannot reopen a socket, and reopens a terminal only for its owner.
  return kind.isFile() ? directOutput(stream) : streamOutput(stream);
}

function lostOutput(code: string | undefined): Output {
  return {
    write: () => undefined,
    problem: () => (code === undefined ? undefined : describeErrno(code)),
    end: async () => undefined,
  };
}

/** A terminal that was closed returns EIO. */
function problemOf(code: string | undefined, isFile: boolean): string | undefined {
  if (code === undefined || code === 'EPIPE' || (code === 'EIO' && !isFile)) return undefined;
  return describeErrno(code);
}

function directOutput(fd: number): Output {
  let [gone, problem]: [boolean, string | undefined] = [false, undefined];
  return {
    write: (bytes) => {
      try {
        for (let offset = 0; offset < bytes.length && !gone; ) offset += writeSync(fd, bytes, offset);
      } catch (error) {
        gone = true;
        problem = problemOf(codeOf(error), true);
      }
    },
    problem: () => problem,
    end: async () => undefined,
  };
}

function queuedOutput(fd: number): Output {
  let queue: Uint8Array[] = [];
  let [gone, problem]: [boolean, string | undefined] = [false, undefined];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    try {
      for (let first = queue[0]; first !== undefined; first = queue[0]) {
        const count = writeSync(fd, first);
        if (count < first.length) queue[0] = first.subarray(count);
        else queue.shift();
      }
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') {
        timer ??= setInterval(flush, retryMs).unref();
        return;
      }
      gone = true;
      queue = [];
      problem = problemOf(codeOf(error), false);
    }
    clearInterval(timer);
    timer = undefined;
  };
  return {
    write: (bytes) => {
      if (gone || bytes.length === 0) return;
      queue.push(bytes);
      if (timer === undefined) flush();
    },
    problem: () => problem,
    end: async () => {
      while (queue.length > 0) {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        flush();
      }
    },
  };
}

/** Short texts bypass the runtime's stream, which in Bun costs as much as the rest of a short command. */
function streamOutput(stream: Stream): Output {
  let [written, gone]: [number, boolean] = [0, false];
  let problem: string | undefined;
  let opened: NodeJS.WriteStream | undefined;
  const lose = (error: unknown): void => {
    gone = true;
    problem = problemOf(codeOf(error), false);
  };
  const writeDirectly = (bytes: Uint8Array): Uint8Array => {
    let left = bytes;
    try {
      while (left.length > 0) left = left.subarray(writeSync(stream, left));
    } catch (error) {
      // Another program has made the stream non-blocking, and its reader is slow.
      if (codeOf(error) !== 'EAGAIN') lose(error);
    }
    return left;
  };
  const open = (): NodeJS.WriteStream => {
    const own = stream === 1 ? process.stdout : process.stderr;
    own.on('error', lose);
    return own;
  };
  return {
    write: (bytes) => {
      written += bytes.length;
      const left = opened === undefined && written <= roomBytes ? writeDirectly(bytes) : bytes;
      if (left.length === 0 || gone) return;
      opened ??= open();
      opened.write(left);
    },
    problem: () => problem,
    end: async () => {
      const own = opened;
      if (own === undefined || gone) return;
      await new Promise<void>((resolve) => {
        own.once('error', () => resolve());
        own.once('close', () => resolve());
        own.end(() => resolve());
      });
    },
  };
}
