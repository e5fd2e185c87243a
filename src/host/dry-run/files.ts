/** The files of a dry run. Writes go into its directory or stay in memory, and reads look there first. */
import { FileError } from '../../errors.ts';
import type { FileContent, FileReads, FileStat, FileWrites } from '../../host.ts';
import { joinPath } from '../../lib/join-path.ts';
import { type Attributes, liesBelow, originOf, setOrigin } from './kept.ts';
import { type DryRunFilesOptions, dryRunReads, type Files, placeOf } from './reads.ts';
import { keepTransfer, removeCopies } from './transfer.ts';

export function dryRunFiles(real: Files, options: DryRunFilesOptions): Files {
  const reads = dryRunReads(real, options);
  const layers = { real, reads, options };
  return {
    ...reads,
    ...contentWrites(layers),
    ...removals(layers),
    ...attributeWrites(layers),
    ...transfers(layers),
    withLock: async (_file, work) => await work(),
  };
}

interface Layers {
  readonly real: Files;
  readonly reads: FileReads;
  readonly options: DryRunFilesOptions;
}

type Writes<Name extends keyof FileWrites> = Pick<FileWrites, Name>;

/** Keeps in memory what the files of the machine would have after the writes. */
interface Keeper {
  /** The directory of the dry run does not count as a folder of the machine. */
  readonly stands: (folder: string) => Promise<boolean>;
  /** Keeps a directory, with those above it. */
  readonly keepDirectory: (folder: string, mode: number) => Promise<void>;
  /** An existing file keeps its mode and owner. */
  readonly keepFile: (content: FileContent, before: FileStat | undefined) => Promise<void>;
}

function keeperOf({ real, options: { kept, map } }: Layers): Keeper {
  const stands: Keeper['stands'] = async (folder) => {
    if (kept.contents.has(folder)) return true;
    if ([...kept.written].some((file) => liesBelow(file, folder))) return true;
    const origin = originOf(kept, folder);
    const place = origin === undefined ? folder : origin.place;
    return place !== undefined && (await real.stat(place)) !== undefined;
  };
  const keepDirectory: Keeper['keepDirectory'] = async (folder, mode) => {
    if (await stands(folder)) return;
    await keepDirectory(joinPath(folder, '..'), mode);
    kept.contents.set(folder, { data: 'directory', mode, uid: 0, gid: 0 });
  };
  const keepFile: Keeper['keepFile'] = async ({ data, options, path }, before) => {
    const file = joinPath(path);
    const { gid, mode, uid } = before ?? { mode: options.mode, uid: 0, gid: 0 };
    if (options.directoryMode !== undefined) {
      await keepDirectory(joinPath(file, '..'), options.directoryMode);
    }
    if (map.mapped(file) === undefined) {
      kept.contents.set(file, { data: Buffer.from(data), mode, uid, gid });
      return;
    }
    kept.written.add(file);
    kept.attributes.set(file, { mode, uid, gid });
  };
  return { stands, keepDirectory, keepFile };
}

function contentWrites(
  layers: Layers,
): Writes<'write' | 'writeAll' | 'makeDirectory' | 'makeTemporaryDirectory'> {
  const { options, reads, real } = layers;
  const { emit, kept, map } = options;
  const { keepDirectory, keepFile, stands } = keeperOf(layers);
  const writeAll: FileWrites['writeAll'] = async (contents) => {
    const inDirectory = contents.flatMap((content) => {
      const copy = map.mapped(content.path);
      return copy === undefined
        ? []
        : [{ ...content, path: copy, options: { directoryMode: 0o700, ...content.options } }];
    });
    const before = await Promise.all(contents.map(({ path }) => reads.stat(path)));
    if (inDirectory.length > 0) await real.writeAll(inDirectory);
    for (const [index, content] of contents.entries()) await keepFile(content, before[index]);
    for (const { data, path: file } of contents) {
      const copy = map.mapped(file);
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
    makeDirectory: async (given, mode) => {
      const copy = map.mapped(given);
      if (copy === given) return await real.makeDirectory(given, mode);
      const folder = joinPath(given);
      if (await stands(folder)) return;
      if (copy !== undefined) await real.makeDirectory(copy, mode);
      await keepDirectory(joinPath(folder, '..'), mode);
      kept.contents.set(folder, { data: 'directory', mode, uid: 0, gid: 0 });
      emit({ type: 'would-make-directory', path: given });
    },
    makeTemporaryDirectory: async (prefix) => {
      let folder = `${prefix}dryrun`;
      for (let count = 2; (await reads.lstat(folder)) !== undefined; count += 1) {
        folder = `${prefix}dryrun${count}`;
      }
      kept.contents.set(joinPath(folder), { data: 'directory', mode: 0o700, uid: 0, gid: 0 });
      emit({ type: 'would-make-directory', path: folder });
      return folder;
    },
  };
}

function removals({
  real,
  reads,
  options,
}: Layers): Writes<'remove' | 'removeUntrusted' | 'removeContents' | 'removeTree'> {
  const { emit, kept, map } = options;
  const forget = async (file: string): Promise<void> => {
    await removeCopies(real, options, file);
    setOrigin(kept, file, undefined);
  };
  const remove: FileWrites['remove'] = async (file, removeOptions) => {
    const stat = await reads.lstat(file);
    if (stat === undefined) return;
    if (stat.kind === 'directory') throw new FileError('remove', file, 'EISDIR');
    const copy = map.mapped(file);
    if (copy !== undefined) await real.remove(copy, removeOptions);
    await forget(joinPath(file));
    emit({ type: 'would-remove', path: file, what: 'file' });
  };
  return {
    remove,
    removeUntrusted: async (file) => await remove(file),
    removeContents: async (folder) => {
      if ((await reads.stat(folder)) === undefined) return;
      const names = (await reads.list(folder)) ?? [];
      if (names.length === 0) return;
      for (const name of names) await forget(joinPath(folder, name));
      emit({ type: 'would-remove', path: folder, what: 'contents' });
    },
    removeTree: async (file) => {
      if ((await reads.lstat(file)) === undefined) return;
      await forget(joinPath(file));
      emit({ type: 'would-remove', path: file, what: 'tree' });
    },
  };
}

function attributeWrites({ real, reads, options }: Layers): Writes<'chmod' | 'chown' | 'chownTree'> {
  const { emit, kept, map } = options;
  const change = (given: string, attributes: Attributes): void => {
    const file = joinPath(given);
    kept.attributes.set(file, { ...kept.attributes.get(file), ...attributes });
  };
  /** The owner of a link is not kept, because a link has no rights of its own. */
  const own = async (file: string, uid: number, gid: number): Promise<void> => {
    const stat = await reads.lstat(file);
    if (stat !== undefined && stat.kind !== 'symlink') change(file, { uid, gid });
  };
  const ownTree = async (file: string, uid: number, gid: number): Promise<void> => {
    await own(file, uid, gid);
    if ((await reads.lstat(file))?.kind !== 'directory') return;
    for (const name of (await reads.list(file)) ?? []) await ownTree(joinPath(file, name), uid, gid);
  };
  return {
    chmod: async (file, mode) => {
      const place = await placeOf(real, options, file);
      if (place !== undefined && place !== file && place === map.mapped(file)) await real.chmod(place, mode);
      if ((await reads.stat(file)) !== undefined) change(await reads.realpath(file), { mode });
      emit({ type: 'would-change-mode', path: file, mode });
    },
    chown: async (file, uid, gid) => {
      await own(file, uid, gid);
      emit({ type: 'would-change-owner', path: file, uid, gid, below: false });
    },
    chownTree: async (file, uid, gid) => {
      await ownTree(file, uid, gid);
      emit({ type: 'would-change-owner', path: file, uid, gid, below: true });
    },
  };
}

function transfers({ real, reads, options }: Layers): Writes<'move' | 'copyTree'> {
  const { emit, kept } = options;
  return {
    move: async (givenFrom, givenTo) => {
      const [from, to] = [joinPath(givenFrom), joinPath(givenTo)];
      await keepTransfer(real, options, { operation: 'move', from, to, reads });
      if (from !== to) {
        await removeCopies(real, options, from);
        setOrigin(kept, from, undefined);
      }
      emit({ type: 'would-move', from: givenFrom, to: givenTo });
    },
    copyTree: async (givenFrom, givenTo) => {
      const [from, to] = [joinPath(givenFrom), joinPath(givenTo)];
      if ((await reads.lstat(to)) !== undefined) throw new FileError('copy', givenTo, 'EEXIST');
      await keepTransfer(real, options, { operation: 'copy', from, to, reads });
      emit({ type: 'would-copy', from: givenFrom, to: givenTo });
    },
  };
}
