/** The cache outside of the clone. It has one folder per entry, which exists only when it is complete. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** `${XDG_CACHE_HOME:-$HOME/.cache}/kubeadm-ts/components`; a relative XDG_CACHE_HOME is ignored (XDG spec). */
export function cacheRoot(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment.XDG_CACHE_HOME ?? '';
  const cache = isAbsolute(given) ? given : join(environment.HOME || homedir(), '.cache');
  return join(cache, 'kubeadm-ts', 'components');
}

/** The folder of an entry, with its name for people and the begin of its key. */
export function entryFolder(root: string, name: string, key: string): string {
  return join(root, `${name}-${key.slice(0, 24)}`);
}

export function hasEntry(root: string, name: string, key: string): boolean {
  return existsSync(entryFolder(root, name, key));
}

/**
 * Lets `fill` write an entry's files into a folder beside the cache's, and moves it into place when all files are on the
 * disk. A build that is cut off before that leaves no entry.
 */
export async function writeEntry(
  folder: string,
  root: string,
  fill: (directory: string) => Promise<void>,
): Promise<void> {
  const partial = join(root, `${partialPrefix}${randomBytes(6).toString('hex')}`);
  await mkdir(partial, { recursive: true });
  try {
    await fill(partial);
    for (const name of await readdir(partial)) await flush(join(partial, name));
    await flush(partial);
    await rename(partial, folder);
    await flush(root);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Removes the rests of builds that were cut off. The caller must hold the lock. */
export async function removePartials(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (name.startsWith(partialPrefix)) await rm(join(root, name), { recursive: true, force: true });
  }
}

const partialPrefix = '.partial-';

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
