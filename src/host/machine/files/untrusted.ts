/**
 * Reads and removes files in a folder that another user can change at any time. The folder is opened without following a
 * link, and the file is reached through that descriptor, so a swapped folder cannot redirect root.
 */
import * as sync from 'node:fs';
import path from 'node:path';

import { FileError } from '../../../errors.ts';
import { undefinedWhenMissing } from './missing.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = sync.constants;

/** @throws FileError ELOOP, EINVAL; errors of the system with their `code` */
export function readUntrusted(file: string, maxBytes: number): Uint8Array {
  return inFolder('read', file, (inside) => {
    const handle = sync.openSync(inside, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      if (!sync.fstatSync(handle).isFile()) throw new FileError('read', file, 'EINVAL');
      const buffer = Buffer.alloc(maxBytes);
      let size = 0;
      for (let count = -1; size < maxBytes && count !== 0; size += count) {
        count = sync.readSync(handle, buffer, size, maxBytes - size, null);
      }
      return buffer.subarray(0, size);
    } finally {
      sync.closeSync(handle);
    }
  });
}

/** @throws FileError ELOOP; errors of the system with their `code` */
export function removeUntrusted(file: string): void {
  if (undefinedWhenMissing(() => sync.lstatSync(path.dirname(file))) === undefined) return;
  inFolder('remove', file, (inside) => undefinedWhenMissing(() => sync.unlinkSync(inside)));
}

function inFolder<T>(operation: string, file: string, work: (inside: string) => T): T {
  const folder = path.dirname(file);
  // With O_DIRECTORY, the kernel reports a link as ENOTDIR.
  if (sync.lstatSync(folder).isSymbolicLink()) throw new FileError(operation, file, 'ELOOP');
  const handle = sync.openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
  try {
    return work(`/proc/self/fd/${handle}/${path.basename(file)}`);
  } finally {
    sync.closeSync(handle);
  }
}
