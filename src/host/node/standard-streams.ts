import { writeSync } from 'node:fs';

import { codeOf } from './error-code.ts';

const retryMs = 5;
const never = new Int32Array(new SharedArrayBuffer(4));
const gone = new Set<number>();

/**
 * Writes the whole text to standard output (1) or error (2) before it returns, so that it stands even when the
 * process is killed next. A reader that went away ends the output, not the run.
 *
 * Not by `process.stdout`: in Bun its streams cost as much as the rest of a short command.
 */
export function writeStandard(stream: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length && !gone.has(stream); ) {
    try {
      offset += writeSync(stream, bytes, offset);
    } catch (error) {
      // A pipe that another program has made non-blocking is full: its reader is slow.
      if (codeOf(error) === 'EAGAIN') Atomics.wait(never, 0, 0, retryMs);
      else gone.add(stream);
    }
  }
}
