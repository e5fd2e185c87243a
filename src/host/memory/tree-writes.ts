/** Removing files of a memory host, and changing their attributes. */
import { FileError } from '../../errors.ts';
import type { FileWrites } from '../../host.ts';
import type { Parts } from './copies.ts';
import { type FileTree, refuseLinkedFolder, type TreeNode } from './tree.ts';

export function removals({
  tree,
  mountPoints,
  gate,
  enter,
}: Parts): Pick<FileWrites, 'remove' | 'removeUntrusted' | 'removeContents' | 'removeTree'> {
  const removeOne = (operation: string, path: string): void => {
    if (mountPoints.has(path)) throw new FileError(operation, path, 'EBUSY');
    gate.write('remove', path, () => tree.nodes.delete(path));
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
  };
}

export function attributeWrites({
  tree,
  gate,
  enter,
}: Parts): Pick<FileWrites, 'chmod' | 'chown' | 'chownTree' | 'withLock'> {
  const existing = (operation: string, path: string): TreeNode => {
    enter(operation, path);
    const node = tree.nodes.get(tree.resolve(operation, path, true));
    if (node === undefined) throw new FileError(operation, path, 'ENOENT');
    return node;
  };
  return {
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

function resolveOrUndefined(tree: FileTree, path: string, followLast = false): string | undefined {
  try {
    return tree.resolve('remove', path, followLast);
  } catch (error) {
    if (error instanceof FileError && ['ENOENT', 'ENOTDIR'].includes(error.errno)) return undefined;
    throw error;
  }
}
