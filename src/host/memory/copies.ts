import { FileError, KubeadmError, messageOf } from '../../errors.ts';
import type { FileWrites } from '../../host.ts';
import type { WriteGate } from './gate.ts';
import { type FileTree, parentOf } from './tree.ts';

/** Called before an operation touches a path. @throws FileError if the test wants one, Crash */
export type Enter = (operation: string, path: string) => void;

/** The state of a memory disk; `now` in milliseconds since 1970. */
export interface Parts {
  readonly tree: FileTree;
  readonly mountPoints: Set<string>;
  readonly gate: WriteGate;
  readonly enter: Enter;
  readonly now: () => number;
}

/** Moving and copying; `free` returns the bytes that a copy can take. */
export function copies(
  { tree, gate, enter }: Parts,
  free: () => number,
): Pick<FileWrites, 'move' | 'copyTree'> {
  const source = (operation: string, path: string): string => {
    enter(operation, path);
    const real = tree.resolve(operation, path, false);
    if (!tree.nodes.has(real)) throw new FileError(operation, path, 'ENOENT');
    return real;
  };
  const target = (operation: string, path: string): string => {
    enter(operation, path);
    const real = tree.resolve(operation, path, false);
    if (tree.nodes.get(parentOf(real))?.kind !== 'directory') throw new FileError(operation, path, 'ENOENT');
    return real;
  };
  /** The path and everything below it, parents first. */
  const all = (real: string): readonly string[] => [real, ...tree.below(real).toReversed()];
  return {
    move: async (from, to) => {
      const [old, next] = [source('move', from), target('move', to)];
      const [moved, there] = [tree.nodes.get(old)?.kind, tree.nodes.get(next)?.kind];
      if (there === 'directory' && moved !== 'directory') throw new FileError('move', from, 'EISDIR');
      if (there !== undefined && there !== 'directory' && moved === 'directory')
        throw new FileError('move', from, 'ENOTDIR');
      if (there === 'directory' && tree.names(next).length > 0)
        throw new FileError('move', from, 'ENOTEMPTY');
      gate.write('file', to, () => {
        for (const name of all(old)) {
          const node = tree.nodes.get(name);
          tree.nodes.delete(name);
          if (node !== undefined) tree.nodes.set(next + name.slice(old.length), node);
        }
      });
    },
    copyTree: async (from, to, options) => {
      const [old, next] = [source('copy', from), target('copy', to)];
      if (tree.nodes.has(next)) throw new FileError('copy', to, 'EEXIST');
      if (options?.signal?.aborted === true)
        throw new KubeadmError('interrupted', messageOf(options.signal.reason));
      const nodes = all(old).map((name) => [name, tree.nodes.get(name)] as const);
      const bytes = nodes.reduce((sum, [, node]) => sum + (node?.kind === 'file' ? node.data.length : 0), 0);
      if (bytes > free()) throw new FileError('copy', to, 'ENOSPC');
      gate.write('file', to, () => {
        for (const [name, node] of nodes)
          if (node !== undefined) tree.nodes.set(next + name.slice(old.length), { ...node });
      });
    },
  };
}
