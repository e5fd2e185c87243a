/** The file tree of a memory host: nodes by absolute path, with links resolved as Linux does. */
import { FileError } from '../../errors.ts';
import type { FileStat } from '../../host.ts';
import { compareBytes } from '../../lib/compare-bytes.ts';

interface Attributes {
  mode: number;
  uid: number;
  gid: number;
  /** Milliseconds since 1970. */
  modifiedAt: number;
}

export type TreeNode =
  | (Attributes & { readonly kind: 'file'; data: Uint8Array })
  | (Attributes & { readonly kind: 'directory' })
  | (Attributes & { readonly kind: 'symlink'; readonly target: string })
  | (Attributes & { readonly kind: 'other' });

export interface FileTree {
  readonly nodes: Map<string, TreeNode>;
  /** Returns the absolute path with links resolved. `followLast` also resolves the last part. Parents must exist. */
  readonly resolve: (operation: string, path: string, followLast: boolean) => string;
  /** Names directly below a directory, sorted bytewise. */
  readonly names: (directory: string) => readonly string[];
  /** The paths of everything below a directory, deepest first. */
  readonly below: (directory: string) => readonly string[];
}

const maxLinks = 40;

export function createFileTree(): FileTree {
  const nodes = new Map<string, TreeNode>([
    ['/', { kind: 'directory', mode: 0o755, uid: 0, gid: 0, modifiedAt: 0 }],
  ]);

  const resolve = (operation: string, path: string, followLast: boolean): string => {
    let links = 0;
    const walk = (base: string, parts: readonly string[]): string => {
      let current = base;
      for (const [index, part] of parts.entries()) {
        if (part === '' || part === '.') continue;
        if (part === '..') {
          current = parentOf(current);
          continue;
        }
        const isLast = index === parts.length - 1;
        const at = nodes.get(current);
        if (at === undefined) throw new FileError(operation, path, 'ENOENT');
        if (at.kind !== 'directory') throw new FileError(operation, path, 'ENOTDIR');
        const next = childOf(current, part);
        const node = nodes.get(next);
        if (node?.kind === 'symlink' && (!isLast || followLast)) {
          links += 1;
          if (links > maxLinks) throw new FileError(operation, path, 'ELOOP');
          const start = node.target.startsWith('/') ? '/' : current;
          return walk(start, [...node.target.split('/'), ...parts.slice(index + 1)]);
        }
        current = next;
      }
      return current;
    };
    if (!path.startsWith('/') || path.includes('\0')) throw new FileError(operation, path, 'EINVAL');
    return walk('/', path.replace(/\/+$/, '').split('/'));
  };

  const names = (directory: string): readonly string[] => {
    const prefix = directory === '/' ? '/' : `${directory}/`;
    return [...nodes.keys()]
      .filter((path) => path !== '/' && path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
      .map((path) => path.slice(prefix.length))
      .sort(compareBytes);
  };

  const below = (directory: string): readonly string[] => {
    const prefix = directory === '/' ? '/' : `${directory}/`;
    return [...nodes.keys()]
      .filter((path) => path !== '/' && path.startsWith(prefix))
      .sort((a, b) => b.split('/').length - a.split('/').length);
  };

  return { nodes, resolve, names, below };
}

export function parentOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}

export function childOf(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

export function statOf(node: TreeNode): FileStat {
  const size = node.kind === 'file' ? node.data.length : 0;
  const { kind, mode, uid, gid, modifiedAt } = node;
  return { kind, mode, uid, gid, size, modifiedAt };
}

/** @throws FileError ELOOP if the folder of the path is a link */
export function refuseLinkedFolder(tree: FileTree, operation: string, path: string): void {
  const folder = tree.nodes.get(parentOf(path));
  if (folder?.kind === 'symlink') throw new FileError(operation, path, 'ELOOP');
}
