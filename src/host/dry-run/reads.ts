/** Reads of a dry run. They see the machine as the writes of the run would leave it. */
import { FileError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { FileReads, FileStat, FileWrites } from '../../host.ts';
import { joinPath } from '../../lib/join-path.ts';
import { isGone, type KeptFiles, namesMadeIn, originOf } from './kept.ts';
import type { PathMap } from './paths.ts';

export type Files = FileReads & FileWrites;

export interface DryRunFilesOptions {
  readonly map: PathMap;
  readonly kept: KeptFiles;
  readonly emit: Emit;
}

/**
 * The real path that has the file: the file that the dry run wrote, the source of a move or copy, or the file itself. It
 * is undefined if the file would be gone.
 */
export async function placeOf(
  real: FileReads,
  { kept, map }: Pick<DryRunFilesOptions, 'kept' | 'map'>,
  given: string,
): Promise<string | undefined> {
  const file = joinPath(given);
  const copy = map.mapped(file);
  if (kept.written.has(file)) return copy;
  const origin = originOf(kept, file);
  if (origin !== undefined) return origin.place;
  if (copy === undefined) return given;
  // Several folders share the directory, and it has only some files of each.
  const there = await real.lstat(given);
  if (there !== undefined && (copy === map.directory || there.kind === 'directory')) return given;
  return (await real.lstat(copy)) === undefined ? given : copy;
}

export function dryRunReads(real: Files, options: DryRunFilesOptions): FileReads {
  const { kept, map } = options;
  const read: FileReads['read'] = async (file, readOptions) => {
    const data = kept.contents.get(joinPath(file))?.data;
    if (data === 'directory') throw new FileError('read', file, 'EISDIR');
    if (data !== undefined) return data.slice(0, readOptions?.maxBytes);
    const place = await placeOf(real, options, file);
    if (place === undefined) throw new FileError('read', file, 'ENOENT');
    if (place === file && map.isCopied(file)) await copyGiven(real, map, file);
    return await real.read(place, readOptions);
  };
  const unchanged = async (file: string, look: FileReads['stat']): Promise<FileStat | undefined> => {
    const made = kept.contents.get(joinPath(file));
    if (made !== undefined) {
      const { data, mode, uid, gid } = made;
      const kind = data === 'directory' ? 'directory' : 'file';
      return { kind, mode, uid, gid, size: data === 'directory' ? 0 : data.length, modifiedAt: 0 };
    }
    const place = await placeOf(real, options, file);
    return place === undefined ? undefined : await look(place);
  };
  const stat = async (file: string, look: FileReads['stat']): Promise<FileStat | undefined> => {
    const found = await unchanged(file, look);
    return found === undefined ? undefined : { ...found, ...kept.attributes.get(joinPath(file)) };
  };
  return {
    read,
    readUntrusted: async (file, maxBytes) => {
      const place = kept.contents.has(joinPath(file)) ? undefined : await placeOf(real, options, file);
      return place === file ? await real.readUntrusted(file, maxBytes) : await read(file, { maxBytes });
    },
    readText: async (file) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(await read(file)),
    stat: async (file) => await stat(file, real.stat),
    lstat: async (file) => await stat(file, real.lstat),
    list: async (given) => {
      const folder = joinPath(given);
      const own = kept.contents.get(folder);
      if (own !== undefined && own.data !== 'directory') throw new FileError('list', given, 'ENOTDIR');
      const place = await placeOf(real, options, given);
      const there = place === undefined ? undefined : await real.list(place);
      const made = namesMadeIn(kept, folder);
      if (there === undefined && own === undefined && made.length === 0) return undefined;
      const left = (there ?? []).filter((name) => !isGone(kept, joinPath(folder, name)));
      return made.length === 0 ? left : [...new Set([...left, ...made])].sort();
    },
    realpath: async (file) => {
      if (kept.contents.has(joinPath(file))) return file;
      const place = await placeOf(real, options, file);
      if (place === undefined) throw new FileError('realpath', file, 'ENOENT');
      const actual = await real.realpath(place);
      return place === file ? actual : file;
    },
    freeSpace: async (file) => await real.freeSpace(file),
  };
}

/** All users may read certificates. Every other file that is copied holds a key. */
async function copyGiven(real: Files, { mapped }: PathMap, file: string): Promise<void> {
  const copy = mapped(file);
  if (copy === undefined || (await real.stat(file)) === undefined) return;
  const mode = file.endsWith('.crt') ? 0o644 : 0o600;
  await real.write(copy, await real.read(file), { mode, directoryMode: 0o700 });
}
