/** The result of the writes of a dry run, beside the files in its directory. All paths are clean and absolute. */
import { joinPath } from '../../lib/join-path.ts';

/** A file that is not written, or a directory that would be made. */
export interface KeptEntry {
  readonly data: Uint8Array | 'directory';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export type Attributes = Partial<Pick<KeptEntry, 'mode' | 'uid' | 'gid'>>;

export interface KeptFiles {
  readonly contents: Map<string, KeptEntry>;
  /** The paths that the run wrote to, whose files are in the directory of the dry run. */
  readonly written: Set<string>;
  /**
   * The real path whose file or tree stands at a path after a move or copy. It is undefined if the path and everything
   * below it would be gone. `contents` and `written` come first.
   */
  readonly origins: Map<string, string | undefined>;
  /** The modes and owners that would be changed. */
  readonly attributes: Map<string, Attributes>;
}

export function keepFiles(): KeptFiles {
  return { contents: new Map(), written: new Set(), origins: new Map(), attributes: new Map() };
}

/** Whether the file lies below the folder. */
export function liesBelow(file: string, folder: string): boolean {
  return file !== folder && file.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** The origin of a path, which its nearest parent with an origin decides. It is undefined if no parent has one. */
export function originOf(
  { origins }: KeptFiles,
  file: string,
): { readonly place: string | undefined } | undefined {
  for (let folder = file; ; folder = joinPath(folder, '..')) {
    if (origins.has(folder)) {
      const from = origins.get(folder);
      return { place: from === undefined ? undefined : joinPath(from, file.slice(folder.length)) };
    }
    // A relative path ends at the working directory, or at a directory above it.
    if (folder === '/' || folder === '.' || folder.endsWith('..')) return undefined;
  }
}

/** The names in a folder that the run has made. */
export function namesMadeIn({ contents, origins, written }: KeptFiles, folder: string): readonly string[] {
  const moved = [...origins].flatMap(([file, from]) => (from === undefined ? [] : [file]));
  return [...contents.keys(), ...written, ...moved]
    .filter((file) => liesBelow(file, folder))
    .map((file) => file.slice(folder === '/' ? 1 : folder.length + 1).split('/')[0] ?? '');
}

/** Whether the path would be gone, unless the run has made it again. */
export function isGone({ origins }: KeptFiles, file: string): boolean {
  return origins.has(file) && origins.get(file) === undefined;
}

/** Forgets what the run did at a path and below it, and gives the path a new origin. */
export function setOrigin(kept: KeptFiles, file: string, from: string | undefined): void {
  const maps = [kept.contents, kept.origins, kept.attributes, kept.written];
  for (const map of maps) {
    for (const key of [...map.keys()]) if (key === file || liesBelow(key, file)) map.delete(key);
  }
  kept.origins.set(file, from);
}
