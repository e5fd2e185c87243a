import * as sync from 'node:fs';
import path from 'node:path';

import { FileError } from '../../../errors.ts';
import { undefinedWhenMissing } from './missing.ts';

/** The file that a path names after all links are followed. */
export interface WriteTarget {
  /** The last part is not a link. The file need not exist. */
  readonly path: string;
  /** Undefined if nothing exists at the path. */
  readonly present: sync.Stats | undefined;
  /**
   * Set if the path is an entry of /proc/PID/fd, which only the kernel can follow. `own` is the number of the descriptor
   * if it belongs to this process.
   */
  readonly descriptor?: { readonly own: number | undefined };
}

const maxLinks = 40;

/**
 * Follows links one by one and applies the kernel's rules for folders that other users can write to
 * (fs.protected_symlinks, fs.protected_regular and fs.protected_fifos in proc_sys_fs(5)), even if this machine has them
 * switched off.
 *
 * @throws FileError EACCES for a link, file or pipe there that belongs neither to this user nor to the folder's owner
 */
export function writeTarget(file: string): WriteTarget {
  let current = path.resolve(file);
  for (let links = 0; links <= maxLinks; links++) {
    const folder = undefinedWhenMissing(() => sync.realpathSync.native(path.dirname(current)));
    if (folder === undefined) return { path: current, present: undefined };
    const place = path.join(folder, path.basename(current));
    const descriptor = /^\/proc\/(\d+)(?:\/task\/\d+)?\/fd\/(\d+)$/.exec(place);
    if (descriptor !== null) {
      const own = descriptor[1] === String(process.pid) ? Number(descriptor[2]) : undefined;
      return {
        path: place,
        present: undefinedWhenMissing(() => sync.statSync(place)),
        descriptor: { own },
      };
    }
    const present = undefinedWhenMissing(() => sync.lstatSync(place));
    if (present === undefined) return { path: place, present };
    refuseForeign(file, place, { folder, present });
    if (!present.isSymbolicLink()) return { path: place, present };
    current = path.resolve(folder, sync.readlinkSync(place));
  }
  throw new FileError('write', file, 'ELOOP');
}

/** Whether other users may put names into the folder: links, and hard links to files that are not theirs. */
export function isSharedFolder(folder: string): boolean {
  const { mode } = sync.statSync(folder);
  const isSticky = (mode & 0o1000) !== 0;
  return (mode & 0o002) !== 0 || (isSticky && (mode & 0o020) !== 0);
}

function refuseForeign(
  file: string,
  place: string,
  { folder, present }: { readonly folder: string; readonly present: sync.Stats },
): void {
  if (!present.isSymbolicLink() && !present.isFile() && !present.isFIFO()) return;
  const { uid } = sync.statSync(folder);
  if (!isSharedFolder(folder) || present.uid === process.geteuid?.() || present.uid === uid) return;
  throw new FileError('write', file, 'EACCES', {
    hint: `${place} belongs to the user with the UID ${present.uid}, and every user may write in ${folder}. Remove it, or name another path.`,
  });
}
