import * as sync from 'node:fs';

import { codeOf } from '../error-code.ts';

/** Throws ENOTDIR if a file is in the way, as Go's MkdirAll; Node reports EEXIST for the last part. */
export function makeDirectories(folder: string, mode: number): void {
  try {
    sync.mkdirSync(folder, { recursive: true, mode });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw Object.assign(new Error('a file is in the way', { cause: error }), { code: 'ENOTDIR' });
  }
}

/** Call it after a rename or removal, which survives a power cut only once its folder is on the disk. */
export function syncFolder(folder: string): void {
  const handle = sync.openSync(folder, 'r');
  try {
    sync.fsyncSync(handle);
  } catch (error) {
    // Some file systems cannot sync folders.
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    sync.closeSync(handle);
  }
}
