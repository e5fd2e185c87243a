import * as sync from 'node:fs';
import path from 'node:path';

import type { WriteOptions } from '../../../host.ts';
import { temporaryName } from '../../../lib/temporary-name.ts';
import { codeOf } from '../error-code.ts';
import { makeDirectories, syncFolder } from './folders.ts';
import { overwrite, writeToSpecial } from './in-place.ts';
import { type WriteTarget, writeTarget } from './target.ts';

/** The folder does not take a new name, or the name that is there cannot be replaced: a bind-mounted file. */
const inPlaceErrors = new Set(['EBUSY', 'EROFS', 'EACCES', 'EPERM', 'EXDEV']);

/** See `FileWrites.write`. @throws errors of the system with their `code`, FileError, KubeadmError `timeout` */
export async function writeFile(
  file: string,
  data: Uint8Array | string,
  options: WriteOptions,
): Promise<void> {
  const bytes = Buffer.from(data);
  const target = writeTarget(file);
  const { present, descriptor } = target;
  if (present?.isDirectory() === true) throw failure('EISDIR');
  if (present !== undefined && (descriptor !== undefined || !present.isFile()))
    return await writeToSpecial(target.path, bytes, { own: descriptor?.own, present });
  if (options.directoryMode !== undefined) makeDirectories(path.dirname(target.path), options.directoryMode);
  try {
    await replace(target, bytes, options.mode);
  } catch (error) {
    if (present === undefined || !inPlaceErrors.has(codeOf(error) ?? '')) throw error;
    overwrite(target.path, bytes, present);
  }
}

async function replace({ path: target, present }: WriteTarget, bytes: Buffer, mode: number): Promise<void> {
  const folder = path.dirname(target);
  const temporary = path.join(folder, temporaryName(path.basename(target), randomSuffix()));
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = sync.constants;
  const handle = sync.openSync(
    temporary,
    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
    present === undefined ? mode : 0o600,
  );
  try {
    try {
      if (present !== undefined) {
        sync.fchownSync(handle, present.uid, present.gid);
        const { copyAttributes } = await import('./attributes.ts');
        await copyAttributes({ from: target, to: temporary, handle, mode: present.mode & 0o7777 });
      }
      sync.writeFileSync(handle, bytes);
      sync.fsyncSync(handle);
    } finally {
      sync.closeSync(handle);
    }
    sync.renameSync(temporary, target);
  } catch (error) {
    sync.rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/** By the global `crypto`: `node:crypto` is slow to load, and most commands need nothing else of it. */
export function randomSuffix(): string {
  return crypto.getRandomValues(Buffer.alloc(6)).toString('hex');
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
