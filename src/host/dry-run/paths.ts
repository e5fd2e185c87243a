/** The files that a dry run writes into its directory. All paths are absolute. */
import path from 'node:path';

import { joinPath } from '../../lib/join-path.ts';

export interface DryRunPaths {
  /** A file below one of these folders is written below the directory of the dry run. */
  readonly folders: readonly string[];
  /** These files are written into that directory under their own names. */
  readonly files: readonly string[];
  /** The folders and files whose content holds no secret, and may be shown. */
  readonly shown: readonly string[];
  /** If the run reads one of these files of the real machine, the directory gets a copy. */
  readonly copied: readonly string[];
}

export interface PathMap {
  /** The directory is undefined if the command writes no files of its own. */
  readonly directory: string | undefined;
  /** The place of a file in the directory. It is undefined for a file that a dry run does not write. */
  readonly mapped: (file: string) => string | undefined;
  readonly isShown: (file: string) => boolean;
  readonly isCopied: (file: string) => boolean;
}

export function pathMap(directory: string | undefined, paths: DryRunPaths | undefined): PathMap {
  const clean = (list: readonly string[] = []): readonly string[] => list.map((one) => joinPath(one));
  const [folders, files, shown] = [clean(paths?.folders), clean(paths?.files), clean(paths?.shown)];
  const copied = new Set(clean(paths?.copied));
  return {
    directory,
    mapped: (given) => {
      if (directory === undefined) return undefined;
      const file = joinPath(given);
      if (isBelow(file, directory)) return file;
      if (files.includes(file)) return path.join(directory, path.basename(file));
      const folder = folders.find((one) => isBelow(file, one));
      return folder === undefined ? undefined : path.join(directory, file.slice(folder.length));
    },
    isShown: (file) => shown.some((one) => isBelow(joinPath(file), one)),
    isCopied: (file) => copied.has(joinPath(file)),
  };
}

/** Whether the file is the folder itself or lies below it. */
function isBelow(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}
