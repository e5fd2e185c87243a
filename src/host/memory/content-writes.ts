/** Writing files and making directories of a memory host. */
import { FileError } from '../../errors.ts';
import type { FileContent, FileWrites } from '../../host.ts';
import { temporaryName } from '../../lib/temporary-name.ts';
import type { Parts } from './copies.ts';
import { childOf, type FileTree, parentOf } from './tree.ts';

export function contentWrites(
  parts: Parts,
): Pick<FileWrites, 'write' | 'writeAll' | 'makeDirectory' | 'makeTemporaryDirectory'> {
  const { tree, gate, enter, now } = parts;
  let counter = 0;
  const nextNumber = (): number => {
    counter += 1;
    return counter;
  };
  const writeAll = (contents: readonly FileContent[]): void => {
    const begun = gate.writes.length;
    const finish: (() => void)[] = [];
    try {
      for (const content of contents) finish.push(prepareWrite(parts, content, nextNumber));
    } catch (error) {
      // Without power nothing is cleaned up.
      if (!gate.crashed()) {
        const made = gate.writes.slice(begun).filter(({ kind }) => kind === 'file-temporary');
        for (const { target } of made) tree.nodes.delete(target);
      }
      throw error;
    }
    for (const one of finish) one();
  };
  return {
    write: async (path, data, options) => writeAll([{ path, data, options }]),
    writeAll: async (contents) => writeAll(contents),
    makeDirectory: async (path, mode) => {
      enter('makeDirectory', path);
      makeDirectories(parts, path, { operation: 'makeDirectory', mode });
    },
    makeTemporaryDirectory: async (prefix) => {
      const path = `${prefix}${String(nextNumber()).padStart(9, '0')}`;
      enter('makeDirectory', path);
      const real = tree.resolve('makeDirectory', path, true);
      if (!tree.nodes.has(parentOf(real))) throw new FileError('makeDirectory', path, 'ENOENT');
      gate.write('directory', path, () => {
        tree.nodes.set(real, { kind: 'directory', mode: 0o700, uid: 0, gid: 0, modifiedAt: now() });
      });
      return path;
    },
  };
}

/** Writes the temporary file. Returns a function that gives the file its new content. */
function prepareWrite(
  parts: Parts,
  { data, options, path }: FileContent,
  nextNumber: () => number,
): () => void {
  const { tree, gate, enter, now } = parts;
  enter('write', path);
  if (options.directoryMode !== undefined)
    makeDirectories(parts, parentOf(path), { operation: 'write', mode: options.directoryMode, named: path });
  const real = tree.resolve('write', path, true);
  const before = tree.nodes.get(real);
  if (before?.kind === 'directory') throw new FileError('write', path, 'EISDIR');
  if (!tree.nodes.has(parentOf(real))) throw new FileError('write', path, 'ENOENT');
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : Uint8Array.from(data);
  // A device or pipe takes the bytes and stays.
  if (before?.kind === 'other') return () => gate.write('file', path, () => undefined);
  refuseForeign(tree, real, path);
  const name = real.slice(real.lastIndexOf('/') + 1);
  const suffix = nextNumber().toString(16).padStart(12, '0');
  const temporary = childOf(parentOf(real), temporaryName(name, suffix));
  const attributes = {
    mode: before?.mode ?? options.mode,
    uid: before?.uid ?? 0,
    gid: before?.gid ?? 0,
    modifiedAt: now(),
  };
  gate.write('file-temporary', temporary, () => {
    tree.nodes.set(temporary, { kind: 'file', data: bytes, ...attributes });
  });
  return () =>
    gate.write('file', path, () => {
      tree.nodes.delete(temporary);
      tree.nodes.set(real, { kind: 'file', data: bytes, ...attributes });
    });
}

interface Making {
  readonly operation: string;
  readonly mode: number;
  /** The path that errors name. It defaults to the directory. */
  readonly named?: string;
}

/** Makes a directory and its parents, if they do not exist. */
function makeDirectories(parts: Parts, path: string, making: Making): void {
  const { tree, gate, now } = parts;
  const { operation, mode, named = path } = making;
  const existing = path === '/' ? '/' : tree.nodes.get(path)?.kind;
  if (existing === '/' || existing === 'directory') return;
  if (existing !== undefined && existing !== 'symlink') throw new FileError(operation, named, 'ENOTDIR');
  if (existing === 'symlink') {
    const real = tree.resolve(operation, path, true);
    if (real === path) throw new FileError(operation, named, 'ELOOP');
    makeDirectories(parts, real, { ...making, named });
    return;
  }
  makeDirectories(parts, parentOf(path), { ...making, named });
  const real = tree.resolve(operation, path, true);
  if (tree.nodes.has(real)) return;
  gate.write('directory', path, () => {
    tree.nodes.set(real, { kind: 'directory', mode, uid: 0, gid: 0, modifiedAt: now() });
  });
}

/** Refuses what machine/files/target.ts refuses. The user of the memory machine is root. */
function refuseForeign(tree: FileTree, real: string, path: string): void {
  const [folder, node] = [tree.nodes.get(parentOf(real)), tree.nodes.get(real)];
  if (folder === undefined || node === undefined || (folder.mode & 0o002) === 0) return;
  if (node.uid !== 0 && node.uid !== folder.uid) throw new FileError('write', path, 'EACCES');
}
