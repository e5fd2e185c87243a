import { closeSync, constants, open, writeSync } from 'node:fs';
import { promisify } from 'node:util';

import { FileError } from '../../errors.ts';
import { codeOf } from './error-code.ts';

/** A file, pipe or device that lines are appended to. */
export interface EventFile {
  /** The line is on its way when this returns: a run that is killed leaves all lines before. */
  readonly write: (line: string) => void;
  readonly close: () => void;
}

/**
 * Empties the file, or makes it (0600). A pipe whose reader went away ends the lines, not the run; so does a
 * full disk.
 *
 * @throws FileError
 */
export async function openEventFile(path: string): Promise<EventFile> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;
  const fd = await promisify(open)(path, flags, 0o600).catch((error: unknown) => {
    const code = codeOf(error);
    throw code === undefined ? error : new FileError('open', path, code, { cause: error });
  });
  let broken = false;
  return {
    write: (line) => {
      if (broken) return;
      try {
        writeAll(fd, Buffer.from(line));
      } catch {
        broken = true;
      }
    },
    close: () => {
      broken = true;
      closeSync(fd);
    },
  };
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset);
}
