/**
 * Walks that no link can lead astray: each directory is opened without following links, and what is in it is named
 * through that descriptor. A program that swaps a directory for a link meanwhile gets nothing outside removed or changed.
 */
import * as sync from 'node:fs';

import { codeOf } from '../error-code.ts';
import { undefinedWhenMissing } from './missing.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = sync.constants;

/** Everything in the directory goes, not itself. @throws errors of the system with their `code` */
export async function removeContents(directory: string): Promise<void> {
  const real = undefinedWhenMissing(() => sync.realpathSync.native(directory));
  if (real === undefined) return;
  await inDirectory(real, async (names) => {
    for (const name of names) await removeTree(name);
  });
}

/** A file, a link itself, or a directory with all below. A missing one is fine. */
export async function removeTree(file: sync.PathLike): Promise<void> {
  const found = undefinedWhenMissing(() => sync.lstatSync(file));
  if (found === undefined) return;
  if (found.isDirectory() && (await emptied(file))) undefinedWhenMissing(() => sync.rmdirSync(file));
  else undefinedWhenMissing(() => sync.unlinkSync(file));
}

/** False when it has become something else than a directory. */
async function emptied(directory: sync.PathLike): Promise<boolean> {
  try {
    await inDirectory(directory, async (names) => {
      for (const name of names) await removeTree(name);
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true;
    if (codeOf(error) === 'ELOOP') return false;
    throw error;
  }
}

/** Links in the tree change their own owner, never that of what they name. */
export async function chownTree(file: sync.PathLike, uid: number, gid: number): Promise<void> {
  const found = sync.lstatSync(file);
  if (!found.isDirectory()) {
    sync.lchownSync(file, uid, gid);
    return;
  }
  await inDirectory(file, async (names, handle) => {
    sync.fchownSync(handle, uid, gid);
    for (const name of names) await chownTree(name, uid, gid);
  });
}

/** @throws ELOOP or ENOTDIR when it is not a directory */
async function inDirectory(
  directory: sync.PathLike,
  work: (paths: readonly Buffer[], handle: number) => Promise<void>,
): Promise<void> {
  const handle = sync.openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const base = `/proc/self/fd/${handle}`;
    // Bytes: a name need not be UTF-8.
    const names = sync.readdirSync(base, { encoding: 'buffer' });
    await work(
      names.map((name) => Buffer.concat([Buffer.from(`${base}/`), name])),
      handle,
    );
  } finally {
    sync.closeSync(handle);
  }
}
