import { FileError } from '../../errors.ts';
import type { FileReads, FileStat, FileWrites, MountWrites } from '../../host.ts';
import { contentWrites } from './content-writes.ts';
import { copies, type Enter } from './copies.ts';
import type { WriteGate } from './gate.ts';
import { type FileSpec, putFile, type SnapshotEntry, snapshotOf } from './initial-files.ts';
import { createFileTree, type FileTree, refuseLinkedFolder, statOf, type TreeNode } from './tree.ts';
import { attributeWrites, removals } from './tree-writes.ts';

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
      ...contentWrites(parts),
      ...removals(parts),
      ...attributeWrites(parts),
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
      for (const [path, spec] of Object.entries(files)) putFile(parts, path, spec);
    },
    fail: (path, errno, operation) => {
      if (errno === undefined) failures.delete(path);
      else failures.set(path, { errno, operation });
    },
    snapshot: (root = '/') => snapshotOf(tree, root),
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
