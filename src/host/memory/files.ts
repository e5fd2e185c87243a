import { FileError } from '../../errors.ts';
import type { FileContent, FileReads, FileStat, FileWrites, MountWrites } from '../../host.ts';
import { temporaryName } from '../../lib/temporary-name.ts';
import { copies, type Enter, type Parts } from './copies.ts';
import type { WriteGate } from './gate.ts';
import { childOf, createFileTree, type FileTree, parentOf, statOf, type TreeNode } from './tree.ts';

/** A file that exists before the run: its text, or all its fields. `directory` and `link` create those instead. */
export type FileSpec =
  | string
  | Uint8Array
  | {
      readonly data: string | Uint8Array;
      readonly mode?: number;
      readonly uid?: number;
      readonly gid?: number;
    }
  | { readonly directory: true; readonly mode?: number; readonly uid?: number; readonly gid?: number }
  | { readonly link: string }
  | { readonly other: true };

/** One entry of a snapshot. Directories end with `/`. */
export interface SnapshotEntry {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Text of a file (UTF-8) or target of a link; otherwise undefined. */
  readonly text?: string;
}

export interface MemoryFiles {
  readonly port: FileReads & FileWrites;
  readonly mounts: MountWrites;
  /** Creates files (parents 0755) without counting a write. */
  readonly put: (files: Readonly<Record<string, FileSpec>>) => void;
  /** Makes every operation on the path fail with the errno, or only the named one (`write`, `read` …). */
  readonly fail: (path: string, errno: string | undefined, operation?: string) => void;
  readonly snapshot: (root?: string) => Readonly<Record<string, SnapshotEntry>>;
  /** Current mount points. Removing one fails with EBUSY; /proc/mounts and /proc/self/mountinfo list them. */
  readonly mountPoints: Set<string>;
  /** Bytes that `freeSpace` reports, and that a copy can take. Default 100 GiB. */
  freeSpace: number;
}

export function createMemoryFiles(gate: WriteGate, now: () => Date): MemoryFiles {
  const tree = createFileTree();
  const failures = new Map<string, { readonly errno: string; readonly operation: string | undefined }>();
  const mountPoints = new Set<string>();
  const enter = (operation: string, path: string): void => {
    gate.check();
    const failure = failures.get(path);
    if (failure === undefined) return;
    if (failure.operation === undefined || failure.operation === operation) {
      throw new FileError(operation, path, failure.errno);
    }
  };
  const parts = { tree, mountPoints, gate, enter, now: () => now().getTime() };
  const disk: MemoryFiles = {
    freeSpace: 100 * 1024 ** 3,
    port: {
      ...reads(tree, mountPoints, enter),
      freeSpace: async (path) => {
        enter('freeSpace', path);
        if (!tree.nodes.has(tree.resolve('freeSpace', path, true)))
          throw new FileError('freeSpace', path, 'ENOENT');
        return disk.freeSpace;
      },
      ...writes(parts),
      ...copies(parts, () => disk.freeSpace),
    },
    mounts: {
      unmount: async (path) => {
        enter('unmount', path);
        if (!mountPoints.has(path)) throw new FileError('unmount', path, 'EINVAL');
        gate.write('mount', path, () => mountPoints.delete(path));
      },
    },
    put: (files) => {
      for (const [path, spec] of Object.entries(files)) put(parts, path, spec);
    },
    fail: (path, errno, operation) => {
      if (errno === undefined) failures.delete(path);
      else failures.set(path, { errno, operation });
    },
    snapshot: (root = '/') => snapshot(tree, root),
    mountPoints,
  };
  return disk;
}

function reads(tree: FileTree, mountPoints: ReadonlySet<string>, enter: Enter): Omit<FileReads, 'freeSpace'> {
  const find = (operation: string, path: string, follow: boolean): TreeNode | undefined => {
    enter(operation, path);
    try {
      return tree.nodes.get(tree.resolve(operation, path, follow));
    } catch (error) {
      if (error instanceof FileError && error.errno === 'ENOENT') return undefined;
      throw error;
    }
  };
  const stat = (operation: string, path: string, follow: boolean): FileStat | undefined => {
    try {
      const node = find(operation, path, follow);
      return node === undefined ? undefined : statOf(node);
    } catch (error) {
      if (error instanceof FileError && error.errno === 'ENOTDIR') return undefined;
      throw error;
    }
  };
  const read: FileReads['read'] = async (path, options) => {
    const listed = mountTable(path, mountPoints);
    const node = find('read', path, true) ?? listed;
    if (node === undefined) throw new FileError('read', path, 'ENOENT');
    if (node.kind === 'directory') throw new FileError('read', path, 'EISDIR');
    if (node.kind !== 'file') throw new FileError('read', path, 'EINVAL');
    return Uint8Array.from(node.data.subarray(0, options?.maxBytes));
  };
  return {
    read,
    readText: async (path) => Buffer.from(await read(path)).toString('utf8'),
    readUntrusted: async (path, maxBytes) => {
      refuseLinkedFolder(tree, 'read', path);
      const kind = find('read', path, false)?.kind;
      if (kind === 'symlink') throw new FileError('read', path, 'ELOOP');
      if (kind !== undefined && kind !== 'file') throw new FileError('read', path, 'EINVAL');
      return await read(path, { maxBytes });
    },
    stat: async (path) => stat('stat', path, true),
    lstat: async (path) => stat('lstat', path, false),
    list: async (path) => {
      const node = find('list', path, true);
      if (node === undefined) return undefined;
      if (node.kind !== 'directory') throw new FileError('list', path, 'ENOTDIR');
      return tree.names(tree.resolve('list', path, true));
    },
    realpath: async (path) => {
      if (find('realpath', path, true) === undefined) throw new FileError('realpath', path, 'ENOENT');
      return tree.resolve('realpath', path, true);
    },
  };
}

function mountTable(path: string, mountPoints: ReadonlySet<string>): TreeNode | undefined {
  const line: Readonly<Record<string, (point: string) => string>> = {
    '/proc/mounts': (point) => `tmpfs ${point} tmpfs rw 0 0\n`,
    '/proc/self/mounts': (point) => `tmpfs ${point} tmpfs rw 0 0\n`,
    '/proc/self/mountinfo': (point) => `36 35 0:32 / ${point} rw,relatime - tmpfs tmpfs rw\n`,
  };
  const format = line[path];
  if (format === undefined) return undefined;
  const data = Buffer.from([...mountPoints].map(format).join(''));
  return { kind: 'file', data, mode: 0o444, uid: 0, gid: 0, modifiedAt: 0 };
}

function writes({ tree, mountPoints, gate, enter, now }: Parts): Omit<FileWrites, 'move' | 'copyTree'> {
  let counter = 0;
  const makeDirectories = (operation: string, path: string, mode: number, named = path): void => {
    const existing = path === '/' ? '/' : tree.nodes.get(path)?.kind;
    if (existing === '/' || existing === 'directory') return;
    if (existing !== undefined && existing !== 'symlink') throw new FileError(operation, named, 'ENOTDIR');
    if (existing === 'symlink') {
      const real = tree.resolve(operation, path, true);
      if (real === path) throw new FileError(operation, named, 'ELOOP');
      makeDirectories(operation, real, mode, named);
      return;
    }
    makeDirectories(operation, parentOf(path), mode, named);
    const real = tree.resolve(operation, path, true);
    if (tree.nodes.has(real)) return;
    gate.write('directory', path, () => {
      tree.nodes.set(real, { kind: 'directory', mode, uid: 0, gid: 0, modifiedAt: now() });
    });
  };
  const removeOne = (operation: string, path: string): void => {
    if (mountPoints.has(path)) throw new FileError(operation, path, 'EBUSY');
    gate.write('remove', path, () => tree.nodes.delete(path));
  };
  const existing = (operation: string, path: string): TreeNode => {
    enter(operation, path);
    const node = tree.nodes.get(tree.resolve(operation, path, true));
    if (node === undefined) throw new FileError(operation, path, 'ENOENT');
    return node;
  };
  /** Writes the temporary file. @returns what gives the file its new content */
  const prepareWrite = ({ data, options, path }: FileContent): (() => void) => {
    enter('write', path);
    if (options.directoryMode !== undefined)
      makeDirectories('write', parentOf(path), options.directoryMode, path);
    const real = tree.resolve('write', path, true);
    const before = tree.nodes.get(real);
    if (before?.kind === 'directory') throw new FileError('write', path, 'EISDIR');
    if (!tree.nodes.has(parentOf(real))) throw new FileError('write', path, 'ENOENT');
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : Uint8Array.from(data);
    // A device or pipe takes the bytes and stays.
    if (before?.kind === 'other') return () => gate.write('file', path, () => undefined);
    refuseForeign(tree, real, path);
    counter += 1;
    const name = real.slice(real.lastIndexOf('/') + 1);
    const suffix = counter.toString(16).padStart(12, '0');
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
  };
  const writeAll = (contents: readonly FileContent[]): void => {
    const begun = gate.writes.length;
    const finish: (() => void)[] = [];
    try {
      for (const content of contents) finish.push(prepareWrite(content));
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
  const removeContents = (path: string): void => {
    for (const inner of tree.below(path)) removeOne('remove', inner);
  };
  const remove: FileWrites['remove'] = async (path) => {
    enter('remove', path);
    const real = resolveOrUndefined(tree, path);
    const node = real === undefined ? undefined : tree.nodes.get(real);
    if (real === undefined || node === undefined) return;
    if (node.kind === 'directory') throw new FileError('remove', path, 'EISDIR');
    removeOne('remove', real);
  };
  return {
    write: async (path, data, options) => writeAll([{ path, data, options }]),
    writeAll: async (contents) => writeAll(contents),
    makeDirectory: async (path, mode) => {
      enter('makeDirectory', path);
      makeDirectories('makeDirectory', path, mode);
    },
    makeTemporaryDirectory: async (prefix) => {
      counter += 1;
      const path = `${prefix}${String(counter).padStart(9, '0')}`;
      enter('makeDirectory', path);
      const real = tree.resolve('makeDirectory', path, true);
      if (!tree.nodes.has(parentOf(real))) throw new FileError('makeDirectory', path, 'ENOENT');
      gate.write('directory', path, () => {
        tree.nodes.set(real, { kind: 'directory', mode: 0o700, uid: 0, gid: 0, modifiedAt: now() });
      });
      return path;
    },
    remove,
    removeUntrusted: async (path) => {
      refuseLinkedFolder(tree, 'remove', path);
      await remove(path);
    },
    removeContents: async (path) => {
      enter('removeContents', path);
      const real = resolveOrUndefined(tree, path, true);
      const node = real === undefined ? undefined : tree.nodes.get(real);
      if (real === undefined || node === undefined) return;
      if (node.kind !== 'directory') throw new FileError('removeContents', path, 'ENOTDIR');
      removeContents(real);
    },
    removeTree: async (path) => {
      enter('removeTree', path);
      const real = resolveOrUndefined(tree, path);
      const node = real === undefined ? undefined : tree.nodes.get(real);
      if (real === undefined || node === undefined) return;
      if (node.kind === 'directory') removeContents(real);
      removeOne('removeTree', real);
    },
    chmod: async (path, mode) => {
      const node = existing('chmod', path);
      gate.write('attributes', path, () => {
        node.mode = mode;
      });
    },
    chown: async (path, uid, gid) => {
      enter('chown', path);
      const node = tree.nodes.get(tree.resolve('chown', path, false));
      if (node === undefined) throw new FileError('chown', path, 'ENOENT');
      gate.write('attributes', path, () => {
        node.uid = uid;
        node.gid = gid;
      });
    },
    chownTree: async (path, uid, gid) => {
      enter('chown', path);
      const real = tree.resolve('chown', path, false);
      for (const name of [real, ...tree.below(real)]) {
        const node = tree.nodes.get(name);
        if (node === undefined) throw new FileError('chown', path, 'ENOENT');
        gate.write('attributes', name, () => Object.assign(node, { uid, gid }));
      }
    },
    withLock: async (path, change, options) => {
      if (options?.create !== true) existing('lock', path);
      return change();
    },
  };
}

function refuseLinkedFolder(tree: FileTree, operation: string, path: string): void {
  const folder = tree.nodes.get(parentOf(path));
  if (folder?.kind === 'symlink') throw new FileError(operation, path, 'ELOOP');
}

/** The user of the memory machine is root; see machine/files/target.ts. */
function refuseForeign(tree: FileTree, real: string, path: string): void {
  const [folder, node] = [tree.nodes.get(parentOf(real)), tree.nodes.get(real)];
  if (folder === undefined || node === undefined || (folder.mode & 0o002) === 0) return;
  if (node.uid !== 0 && node.uid !== folder.uid) throw new FileError('write', path, 'EACCES');
}

function resolveOrUndefined(tree: FileTree, path: string, followLast = false): string | undefined {
  try {
    return tree.resolve('remove', path, followLast);
  } catch (error) {
    if (error instanceof FileError && ['ENOENT', 'ENOTDIR'].includes(error.errno)) return undefined;
    throw error;
  }
}

function put({ tree, now }: Pick<Parts, 'tree' | 'now'>, path: string, spec: FileSpec): void {
  const parts = path.split('/').filter((part) => part !== '');
  let current = '/';
  for (const part of parts.slice(0, -1)) {
    current = tree.resolve('put', childOf(current, part), true);
    if (!tree.nodes.has(current)) {
      tree.nodes.set(current, { kind: 'directory', mode: 0o755, uid: 0, gid: 0, modifiedAt: now() });
    }
  }
  const last = parts.at(-1);
  if (last !== undefined) tree.nodes.set(childOf(current, last), nodeOf(spec, now()));
}

function nodeOf(spec: FileSpec, modifiedAt: number): TreeNode {
  const root = { uid: 0, gid: 0, modifiedAt };
  if (typeof spec === 'string') return { kind: 'file', data: Buffer.from(spec), mode: 0o644, ...root };
  if (spec instanceof Uint8Array) return { kind: 'file', data: spec, mode: 0o644, ...root };
  if ('link' in spec) return { kind: 'symlink', target: spec.link, mode: 0o777, ...root };
  if ('other' in spec) return { kind: 'other', mode: 0o600, ...root };
  const owner = { uid: spec.uid ?? 0, gid: spec.gid ?? 0, modifiedAt };
  if ('directory' in spec) return { kind: 'directory', mode: spec.mode ?? 0o755, ...owner };
  const data = typeof spec.data === 'string' ? Buffer.from(spec.data) : spec.data;
  return { kind: 'file', data, mode: spec.mode ?? 0o644, ...owner };
}

function snapshot(tree: FileTree, root: string): Readonly<Record<string, SnapshotEntry>> {
  const entries: Record<string, SnapshotEntry> = {};
  for (const path of [...tree.below(root)].sort()) {
    const node = tree.nodes.get(path);
    if (node === undefined) continue;
    const attributes = { mode: node.mode, uid: node.uid, gid: node.gid };
    if (node.kind === 'directory') entries[`${path}/`] = attributes;
    else if (node.kind === 'file') {
      entries[path] = { ...attributes, text: Buffer.from(node.data).toString('utf8') };
    } else if (node.kind === 'symlink') entries[path] = { ...attributes, text: node.target };
    else entries[path] = attributes;
  }
  return entries;
}
