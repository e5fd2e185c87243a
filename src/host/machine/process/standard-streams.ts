/**
 * Standard output (1) and error (2). No write blocks the process, whose only thread also hears the signals: pipes and
 * terminals are opened anew without blocking, so that other programs which share them notice nothing.
 */
import { constants, fstatSync, openSync, type Stats, writeSync } from 'node:fs';

import { describeErrno } from '../../../errors.ts';
import { codeOf } from '../error-code.ts';

type Stream = 1 | 2;

interface Output {
  readonly write: (bytes: Uint8Array) => void;
  /** Why the output is not complete, unless its reader went away. */
  readonly problem: () => string | undefined;
  /** Ends when all is written. */
  readonly end: () => Promise<void>;
}

/** The standard streams of a process are one of a kind; each is opened when it is first written to. */
const outputs = new Map<Stream, Output>();
const retryMs = 5;
const interruptedMs = 1_000;
/** Any socket has room for that: up to here a write ends at once, whatever its reader does. */
const roomBytes = 32 * 1024;

/**
 * Writes what there is room for before this returns, so that it stands even when the process is killed next; the rest
 * waits for its reader. A reader that went away ends the output, not the run.
 */
export function writeStandard(stream: Stream, text: string): void {
  const output = outputs.get(stream) ?? sharedOutput(stream) ?? open(stream);
  outputs.set(stream, output);
  output.write(Buffer.from(text));
}

/** Ends when all is written, its reader is gone, or the signal is aborted; then after a second at most. */
export async function flushStandard(signal: AbortSignal): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    const soon = (): void => void setTimeout(resolve, interruptedMs);
    if (signal.aborted) soon();
    else signal.addEventListener('abort', soon);
  });
  const distinct = [...new Set(outputs.values())];
  await Promise.race([Promise.all(distinct.map((output) => output.end())), stopped]);
}

/** Why standard output is not complete, such as `no space left on device`; undefined when a reader went away. */
export function outputProblem(): string | undefined {
  return outputs.get(1)?.problem();
}

/** After `2>&1` both streams have one queue, so that their texts keep their order. */
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
      // Nobody has the other end open.
      if (codeOf(error) === 'ENXIO' && kind.isFIFO()) return lostOutput(undefined);
    }
  }
  // The kernel opens no socket anew, and a terminal only for its owner.
  return kind.isFile() ? directOutput(stream) : streamOutput(stream);
}

function lostOutput(code: string | undefined): Output {
  return {
    write: () => undefined,
    problem: () => (code === undefined ? undefined : describeErrno(code)),
    end: async () => undefined,
  };
}

/** A terminal that was hung up answers EIO. */
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

/** Short texts not by the runtime's stream: in Bun it costs as much as the rest of a short command. */
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
      // Another program has made it non-blocking, and its reader is slow.
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
