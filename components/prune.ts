/** Removes entries of the cache that no release of the table needs, such as old versions. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { withLock } from './lock.ts';

export interface PruneOptions {
  /** The folder of the cache. */
  readonly root: string;
  /** The names of the entries that are kept. */
  readonly keep: ReadonlySet<string>;
  /** Whether entries are only listed. */
  readonly dryRun: boolean;
}

export interface Pruned {
  /** The sorted names of removed entries, or of those that would be removed. */
  readonly removed: readonly string[];
  readonly kept: number;
  readonly freedMB: number;
}

/** The folder of an entry: a name and the 24 digits of its key (store.ts). */
const entryName = /^.+-[0-9a-f]{24}$/;

/**
 * Removes entries that are not in `keep`, and the rests of builds and downloads that were cut off. Other files stay.
 * Waits while a build holds the lock. It does not know whether a running lab uses an old entry.
 */
export async function pruneCache({ root, keep, dryRun }: PruneOptions): Promise<Pruned> {
  const work = async (): Promise<Pruned> => {
    const names = (await readdir(root)).sort();
    const removed = names.filter((name) => isLeftover(name) || (entryName.test(name) && !keep.has(name)));
    let bytes = 0;
    for (const name of removed) {
      bytes += await sizeOf(join(root, name));
      if (!dryRun) await rm(join(root, name), { recursive: true, force: true });
    }
    return { removed, kept: names.filter((name) => keep.has(name)).length, freedMB: Math.round(bytes / 1e6) };
  };
  return withLock(root, 'removing old entries', { report: () => {}, work });
}

function isLeftover(name: string): boolean {
  return name === '.downloads' || name.startsWith('.partial-');
}

async function sizeOf(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
