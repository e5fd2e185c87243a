import { writeSync } from 'node:fs';

import { codeOf } from '../error-code.ts';

type Stream = 1 | 2;

/** Any pipe has room for that: up to here a write ends at once, whatever its reader does. */
const roomBytes = 32 * 1024;
const retryMs = 5;
const interruptedMs = 1_000;
const never = new Int32Array(new SharedArrayBuffer(4));
const written = { 1: 0, 2: 0 };
const streams = new Map<Stream, NodeJS.WriteStream>();
const gone = new Set<Stream>();

/**
 * Writes to standard output (1) or error (2); what a pipe has room for before this returns, so that it stands even when
 * the process is killed next. A reader that went away ends the output, not the run; one that reads nothing holds up
 * neither the run nor a signal that is to end it.
 *
 * Short texts not by `process.stdout`: in Bun its streams cost as much as the rest of a short command.
 */
export function writeStandard(stream: Stream, text: string): void {
  const bytes = Buffer.from(text);
  written[stream] += bytes.length;
  if (written[stream] <= roomBytes) writeNow(stream, bytes);
  else opened(stream).write(bytes);
}

/** Before the process ends: whole, however long the reader takes. */
export function writeNow(stream: Stream, bytes: Uint8Array | string): void {
  const left = Buffer.from(bytes);
  for (let offset = 0; offset < left.length && !gone.has(stream); ) {
    try {
      offset += writeSync(stream, left, offset);
    } catch (error) {
      // A pipe that another program has made non-blocking is full: its reader is slow.
      if (codeOf(error) === 'EAGAIN') Atomics.wait(never, 0, 0, retryMs);
      else gone.add(stream);
    }
  }
}

/** Ends when all is written, its reader is gone, or the signal is aborted; a second later where it was before. */
export async function flushStandard(signal: AbortSignal): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) setTimeout(resolve, interruptedMs);
    else signal.addEventListener('abort', () => resolve());
  });
  await Promise.race([Promise.all([...streams.values()].map(ended)), stopped]);
}

function opened(stream: Stream): NodeJS.WriteStream {
  const known = streams.get(stream);
  if (known !== undefined) return known;
  const own = stream === 1 ? process.stdout : process.stderr;
  own.on('error', () => undefined);
  streams.set(stream, own);
  return own;
}

/** An empty write would end at once in Bun. */
async function ended(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.once('error', () => resolve());
    stream.once('close', () => resolve());
    stream.end(() => resolve());
  });
}
