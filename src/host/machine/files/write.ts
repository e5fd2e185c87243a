import * as sync from 'node:fs';
import path from 'node:path';

import type { WriteOptions } from '../../../host.ts';
import { temporaryName } from '../../../lib/temporary-name.ts';
import { codeOf } from '../error-code.ts';
import { makeDirectories, syncFolder } from './folders.ts';
import { overwrite, writeToSpecial } from './in-place.ts';
import { isSharedFolder, type WriteTarget, writeTarget } from './target.ts';

/** Errors if the folder refuses a new name, or if the existing file cannot be replaced (a bind mount). */
const inPlaceErrors = new Set(['EBUSY', 'EROFS', 'EACCES', 'EPERM', 'EXDEV']);

/** A file whose new content is on the disk under a temporary name, as far as its target allows that. */
export interface PreparedWrite {
  /** Gives the file its new content. */
  readonly finish: () => void | Promise<void>;
  /** Removes the temporary file. */
  readonly discard: () => void;
}

/** See `FileWrites.write`. @throws errors of the system with their `code`, FileError, KubeadmError `timeout` */
export async function writeFile(
  file: string,
  data: Uint8Array | string,
  options: WriteOptions,
): Promise<void> {
  const { finish } = await prepareWrite(file, data, options);
  await finish();
}

/**
 * The part of a write before the file itself changes. `finish` or `discard` must follow.
 *
 * @throws as {@link writeFile}
 */
export async function prepareWrite(
  file: string,
  data: Uint8Array | string,
  options: WriteOptions,
): Promise<PreparedWrite> {
  const bytes = Buffer.from(data);
  const target = writeTarget(file);
  const { present, descriptor } = target;
  if (present?.isDirectory() === true || file.endsWith('/')) throw failure('EISDIR');
  if (present !== undefined && (descriptor !== undefined || !present.isFile()))
    return {
      finish: async () => await writeToSpecial(target.path, bytes, { own: descriptor?.own, present }),
      discard: () => undefined,
    };
  if (present !== undefined && present.nlink > 1 && !isSharedFolder(path.dirname(target.path)))
    return { finish: () => overwrite(target.path, bytes, present), discard: () => undefined };
  if (options.directoryMode !== undefined) makeDirectories(path.dirname(target.path), options.directoryMode);
  const overwriteAfter = (error: unknown): void => {
    if (present === undefined || !inPlaceErrors.has(codeOf(error) ?? '')) throw error;
    overwrite(target.path, bytes, present);
  };
  let temporary: string;
  try {
    temporary = await writeTemporary(target, bytes, options.mode);
  } catch (error) {
    if (present === undefined || !inPlaceErrors.has(codeOf(error) ?? '')) throw error;
    return { finish: () => overwrite(target.path, bytes, present), discard: () => undefined };
  }
  const discard = (): void => sync.rmSync(temporary, { force: true });
  const finish = (): void => {
    try {
      sync.renameSync(temporary, target.path);
    } catch (error) {
      discard();
      overwriteAfter(error);
      return;
    }
    syncFolder(path.dirname(target.path));
  };
  return { finish, discard };
}

/** Writes the content beside the target, with the attributes that the target has. @returns the path */
async function writeTemporary(
  { path: target, present }: WriteTarget,
  bytes: Buffer,
  mode: number,
): Promise<string> {
  const temporary = path.join(path.dirname(target), temporaryName(path.basename(target), randomSuffix()));
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
    return temporary;
  } catch (error) {
    sync.rmSync(temporary, { force: true });
    throw error;
  }
}

/** Uses the global `crypto`, because `node:crypto` is slow to load and most commands do not need it. */
export function randomSuffix(): string {
  return crypto.getRandomValues(Buffer.alloc(6)).toString('hex');
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
