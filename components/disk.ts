/** Checks before a build whether the disks have room for it. */
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

import { ComponentsError } from './errors.ts';

/**
 * Returns the free MB of the fullest of the folders' disks.
 * @throws ComponentsError if that is less than `needsMB`.
 */
export async function requireSpace(needsMB: number, folders: readonly string[]): Promise<number> {
  const disks = await Promise.all(folders.map(async (folder) => ({ folder, freeMB: await freeMB(folder) })));
  const tightest = disks.reduce((least, disk) => (disk.freeMB < least.freeMB ? disk : least));
  if (tightest.freeMB >= needsMB) return tightest.freeMB;
  throw new ComponentsError(
    `not enough disk space: the build still needs about ${gigabytes(needsMB)}, ` +
      `${gigabytes(tightest.freeMB)} are free on the disk of ${tightest.folder}`,
    { hint: 'Free some disk space, or move the caches with XDG_CACHE_HOME, GOCACHE and GOMODCACHE.' },
  );
}

/** A size such as `9.3 GB`, or `40 MB` below a tenth of a GB. */
export function gigabytes(megabytes: number): string {
  return megabytes < 100 ? `${Math.ceil(megabytes)} MB` : `${(megabytes / 1000).toFixed(1)} GB`;
}

async function freeMB(folder: string): Promise<number> {
  const disk = await statfs(await existingParent(folder));
  return Math.floor((disk.bavail * disk.bsize) / 1e6);
}

async function existingParent(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  return found === undefined && folder !== dirname(folder) ? existingParent(dirname(folder)) : folder;
}
