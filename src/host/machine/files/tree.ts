/**
 * Walks a tree without following links: it opens each directory with O_NOFOLLOW and reaches the entries through that
 * descriptor. A program that swaps a directory for a link during the walk cannot redirect a removal or a change.
 */
import * as sync from 'node:fs';
import path from 'node:path';

import { FileError } from '../../../errors.ts';
import { codeOf } from '../error-code.ts';
import { undefinedWhenMissing } from './missing.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = sync.constants;

/**
 * Removes everything in the directory, but not the directory. It goes on past files that cannot be removed.
 *
 * @throws FileError that names the first file that is left; errors of the system with their `code`
 */
export async function removeContents(directory: string): Promise<void> {
  const real = undefinedWhenMissing(() => sync.realpathSync.native(directory));
  if (real === undefined) return;
  await inDirectory(real, async (entries) => await removeAll(entries, directory));
}

/**
 * Removes a file, a link itself, or a directory with its content. A missing path is not an error.
 *
 * @param shown the path for error messages
 * @throws as `removeContents`
 */
export async function removeTree(file: sync.PathLike, shown = String(file)): Promise<void> {
  const found = undefinedWhenMissing(() => sync.lstatSync(file));
  if (found === undefined) return;
  const isEmpty = found.isDirectory() && (await emptied(file, shown));
  try {
    undefinedWhenMissing(() => (isEmpty ? sync.rmdirSync(file) : sync.unlinkSync(file)));
  } catch (error) {
    throw new FileError('remove', shown, codeOf(error) ?? 'EIO', { cause: error });
  }
}

async function removeAll(entries: readonly Buffer[], directory: string): Promise<void> {
  const errors: unknown[] = [];
  for (const entry of entries) {
    const shown = path.join(directory, path.basename(entry.toString()));
    await removeTree(entry, shown).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}

/** Returns false if the path is no longer a directory. */
async function emptied(directory: sync.PathLike, shown: string): Promise<boolean> {
  try {
    await inDirectory(directory, async (entries) => await removeAll(entries, shown));
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
