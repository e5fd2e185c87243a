/** The files of a dry run. Writes go into its directory or stay in memory, and reads look there first. */
import path from 'node:path';

import { FileError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { FileReads, FileStat, FileWrites } from '../../host.ts';
import type { PathMap } from './paths.ts';

type Files = FileReads & FileWrites;

/** The result of the writes until now, beside the directory of the dry run. */
export interface KeptFiles {
  /** The content of each file that is not written, by path. A directory that would be made has `directory`. */
  readonly contents: Map<string, { readonly data: Uint8Array | 'directory'; readonly mode: number }>;
  /** The paths that the run wrote to, whose files are in the directory of the dry run. */
  readonly written: Set<string>;
}

export function keepFiles(): KeptFiles {
  return { contents: new Map(), written: new Set() };
}

export interface DryRunFilesOptions {
  readonly map: PathMap;
  readonly kept: KeptFiles;
  readonly emit: Emit;
}

export function dryRunFiles(real: Files, options: DryRunFilesOptions): Files {
  const reads = dryRunReads(real, options);
  return { ...reads, ...dryRunWrites(real, reads, options) };
}

/** The path of the file that the dry run wrote, if it exists, else the path of the real file. */
async function placeOf(real: FileReads, { directory, mapped }: PathMap, file: string): Promise<string> {
  const copy = mapped(file);
  if (copy === undefined) return file;
  // Several folders share the directory.
  if (copy === directory && (await real.lstat(file)) !== undefined) return file;
  return (await real.lstat(copy)) === undefined ? file : copy;
}

function dryRunReads(real: Files, { kept, map }: DryRunFilesOptions): FileReads {
  const read: FileReads['read'] = async (file, readOptions) => {
    const data = kept.contents.get(file)?.data;
    if (data === 'directory') throw new FileError('read', file, 'EISDIR');
    if (data !== undefined) return data.slice(0, readOptions?.maxBytes);
    const place = await placeOf(real, map, file);
    if (place === file && map.isCopied(file)) await copyGiven(real, map, file);
    return await real.read(place, readOptions);
  };
  const stat = async (file: string, look: FileReads['stat']): Promise<FileStat | undefined> => {
    const made = kept.contents.get(file);
    if (made === undefined) return await look(await placeOf(real, map, file));
    const isDirectory = made.data === 'directory';
    return {
      kind: isDirectory ? 'directory' : 'file',
      mode: made.mode,
      uid: 0,
      gid: 0,
      size: made.data === 'directory' ? 0 : made.data.length,
      modifiedAt: 0,
    };
  };
  return {
    read,
    readText: async (file) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(await read(file)),
    stat: async (file) => await stat(file, real.stat),
    lstat: async (file) => await stat(file, real.lstat),
    list: async (folder) => {
      const made = [...kept.contents.keys(), ...kept.written]
        .filter((file) => path.dirname(file) === folder)
        .map((file) => path.basename(file));
      const isMade = made.length > 0 || kept.contents.has(folder);
      const there = await real.list(await placeOf(real, map, folder));
      return isMade ? [...new Set([...(there ?? []), ...made])].sort() : there;
    },
    realpath: async (file) => {
      const isMade = kept.contents.has(file) || (await placeOf(real, map, file)) !== file;
      return isMade ? file : await real.realpath(file);
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

function dryRunWrites(real: Files, reads: FileReads, { emit, kept, map }: DryRunFilesOptions): FileWrites {
  const forget = (file: string): void => {
    kept.contents.delete(file);
    kept.written.delete(file);
  };
  const writeAll: FileWrites['writeAll'] = async (contents) => {
    const copies = contents.map((content) => ({ content, copy: map.mapped(content.path) }));
    const inDirectory = copies.flatMap(({ content, copy }) =>
      copy === undefined ? [] : [{ ...content, path: copy }],
    );
    if (inDirectory.length > 0) await real.writeAll(inDirectory);
    for (const { content, copy } of copies) {
      const { data, options, path: file } = content;
      if (copy === undefined) kept.contents.set(file, { data: Buffer.from(data), mode: options.mode });
      else kept.written.add(file);
      emit({
        type: 'would-write',
        path: file,
        ...(map.isShown(file) ? { content: Buffer.from(data).toString() } : {}),
        ...(copy === undefined ? {} : { copy }),
      });
    }
  };
  return {
    write: async (path, data, options) => await writeAll([{ path, data, options }]),
    writeAll,
    makeDirectory: async (folder, mode) => {
      const copy = map.mapped(folder);
      if (copy === folder) return await real.makeDirectory(folder, mode);
      const isMade =
        kept.contents.has(folder) || [...kept.written].some((file) => file.startsWith(`${folder}/`));
      if (isMade || (await real.stat(folder)) !== undefined) return;
      if (copy !== undefined) await real.makeDirectory(copy, mode);
      kept.contents.set(folder, { data: 'directory', mode });
      emit({ type: 'would-make-directory', path: folder });
    },
    makeTemporaryDirectory: async (prefix) => {
      const folder = `${prefix}dryrun`;
      kept.contents.set(folder, { data: 'directory', mode: 0o700 });
      emit({ type: 'would-make-directory', path: folder });
      return folder;
    },
    remove: async (file, options) => {
      if ((await reads.lstat(file)) === undefined) return;
      const copy = map.mapped(file);
      if (copy !== undefined) await real.remove(copy, options);
      forget(file);
      emit({ type: 'would-remove', path: file, what: 'file' });
    },
    removeContents: async (folder) => {
      if (((await reads.list(folder)) ?? []).length === 0) return;
      emit({ type: 'would-remove', path: folder, what: 'contents' });
    },
    removeTree: async (file) => {
      if ((await reads.lstat(file)) === undefined) return;
      forget(file);
      emit({ type: 'would-remove', path: file, what: 'tree' });
    },
    chmod: async (file, mode) => {
      const place = await placeOf(real, map, file);
      if (place !== file) await real.chmod(place, mode);
      emit({ type: 'would-change-mode', path: file, mode });
    },
    chown: async (file, uid, gid) => emit({ type: 'would-change-owner', path: file, uid, gid, below: false }),
    chownTree: async (file, uid, gid) =>
      emit({ type: 'would-change-owner', path: file, uid, gid, below: true }),
    move: async (from, to) => emit({ type: 'would-move', from, to }),
    copyTree: async (from, to) => emit({ type: 'would-copy', from, to }),
    withLock: async (_file, work) => await work(),
  };
}
