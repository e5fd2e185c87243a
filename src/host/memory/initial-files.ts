/** The files of a memory host before the run, and snapshots of all files. */
import type { Parts } from './copies.ts';
import { childOf, type FileTree, type TreeNode } from './tree.ts';

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

/** Creates a file and its folders (mode 0755) without counting a write. */
export function putFile({ tree, now }: Pick<Parts, 'tree' | 'now'>, path: string, spec: FileSpec): void {
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

/** Returns everything below a folder by its path. */
export function snapshotOf(tree: FileTree, root: string): Readonly<Record<string, SnapshotEntry>> {
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
