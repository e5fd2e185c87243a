/**
 * Walks a tree without following links: it opens each directory with O_NOFOLLOW and reaches the entries through that
 * descriptor. A program that swaps a directory for a link during the walk cannot redirect a removal or a change.
 */
import * as sync from 'node:fs';

import { codeOf } from '../error-code.ts';
import { undefinedWhenMissing } from './missing.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = sync.constants;

/** Removes everything in the directory, but not the directory. @throws errors of the system with their `code` */
export async function removeContents(directory: string): Promise<void> {
  const real = undefinedWhenMissing(() => sync.realpathSync.native(directory));
  if (real === undefined) return;
  await inDirectory(real, async (names) => {
    for (const name of names) await removeTree(name);
  });
}

/** Removes a file, a link itself, or a directory with its content. A missing path is not an error. */
export async function removeTree(file: sync.PathLike): Promise<void> {
  const found = undefinedWhenMissing(() => sync.lstatSync(file));
  if (found === undefined) return;
  if (found.isDirectory() && (await emptied(file))) undefinedWhenMissing(() => sync.rmdirSync(file));
  else undefinedWhenMissing(() => sync.unlinkSync(file));
}

/** Returns false if the path is no longer a directory. */
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

/** A link in the tree changes its own owner, never that of its target. */
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

/** @throws ELOOP or ENOTDIR if it is not a directory */
async function inDirectory(
  directory: sync.PathLike,
  work: (paths: readonly Buffer[], handle: number) => Promise<void>,
): Promise<void> {
  const handle = sync.openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const base = `/proc/self/fd/${handle}`;
    // Read the names as bytes, because a name need not be UTF-8.
    const names = sync.readdirSync(base, { encoding: 'buffer' });
    await work(
      names.map((name) => Buffer.concat([Buffer.from(`${base}/`), name])),
      handle,
    );
  } finally {
    sync.closeSync(handle);
  }
}
