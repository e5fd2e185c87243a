/** Removes the cache's entries that no release of the table needs any more: old versions, other Go versions. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { withLock } from './lock.ts';

export interface PruneOptions {
  /** Folder of the cache. */
  readonly root: string;
  /** Names of the entries that are kept. */
  readonly keep: ReadonlySet<string>;
  /** Only tell what would go. */
  readonly dryRun: boolean;
}

export interface Pruned {
  /** Names of what went, or would go, sorted. */
  readonly removed: readonly string[];
  readonly kept: number;
  readonly freedMB: number;
}

/** An entry's folder: a name and the 24 digits of its key (store.ts). */
const entryName = /^.+-[0-9a-f]{24}$/;

/**
 * Removes entries that are not in `keep`, and what cut-off builds and downloads left. What is not the cache's own stays.
 * Waits while a build holds the lock; a running lab that uses an old entry is not known here.
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
