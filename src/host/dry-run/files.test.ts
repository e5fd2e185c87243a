import { describe, expect, test } from 'vitest';

import { FileError } from '../../errors.ts';
import type { FileReads, FileStat, FileWrites } from '../../host.ts';
import { nodePaths } from '../../phases/node-paths.ts';
import { createMemoryHost } from '../memory/index.ts';
import { createDryRun } from './index.ts';
import { madeUp } from './made-up.ts';

const directory = '/tmp/dry';
const pki = '/etc/kubernetes/pki';
const options = { mode: 0o600, directoryMode: 0o700 };

const machine = () =>
  createMemoryHost({
    files: {
      [directory]: { directory: true },
      '/data/a/f': { data: 'af', mode: 0o640, uid: 7, gid: 8 },
      '/data/a/inner/g': 'ag',
      '/data/b/f': 'bf',
      [`${pki}/ca.crt`]: 'ca',
      [`${pki}/etcd/ca.crt`]: 'etcd',
    },
  });

function dryRun() {
  const real = machine();
  const paths = nodePaths({ certificatesDir: pki, kubeconfigDir: '/etc/kubernetes' });
  const { files } = createDryRun(real, { directory, paths, madeUp: madeUp.init }).host(() => undefined);
  return { real, files };
}

describe('a dry run reads back', () => {
  test('that a removed file of the machine is gone', async () => {
    const { files, real } = dryRun();
    await files.remove('/data/a/f');
    await expect(files.read('/data/a/f')).rejects.toMatchObject({ errno: 'ENOENT' });
    expect(await files.stat('/data/a/f')).toBeUndefined();
    expect(await files.list('/data/a')).toEqual(['inner']);
    expect(await real.files.readText('/data/a/f')).toBe('af');
  });

  test('that a removed tree and emptied folder are gone, also after they are made again', async () => {
    const { files } = dryRun();
    await files.removeTree('/data/a');
    await files.removeContents('/data/b');
    expect(await files.list('/data/a')).toBeUndefined();
    expect(await files.list('/data/b')).toEqual([]);
    await files.makeDirectory('/data/a', 0o711);
    expect(await files.list('/data/a')).toEqual([]);
    expect(await files.stat('/data/a/inner/g')).toBeUndefined();
  });

  test.each([
    ['/data/a/f', '/data/a/moved'],
    [`${pki}/ca.crt`, `${pki}/moved.crt`],
  ])('the file %s from the place that it was moved to', async (from, to) => {
    const { files } = dryRun();
    await files.write(from, 'new', options);
    await files.move(from, to);
    expect(await files.readText(to)).toBe('new');
    await expect(files.read(from)).rejects.toMatchObject({ errno: 'ENOENT' });
  });

  test('a tree from the places that it was copied and moved to', async () => {
    const { files, real } = dryRun();
    await files.write('/data/a/inner/new', 'n', options);
    await files.copyTree('/data/a', '/data/copy');
    await files.move('/data/copy', '/data/moved');
    expect(await files.list('/data')).toEqual(['a', 'b', 'moved']);
    expect(await files.list('/data/moved/inner')).toEqual(['g', 'new']);
    expect(await files.readText('/data/moved/inner/g')).toBe('ag');
    expect(await files.readText('/data/a/inner/new')).toBe('n');
    await expect(files.copyTree('/data/a', '/data/moved')).rejects.toMatchObject({ errno: 'EEXIST' });
    await expect(files.move('/data/copy', '/data/x')).rejects.toMatchObject({ errno: 'ENOENT' });
    expect(real.gate.writes).toEqual([]);
  });

  test.each(['x', 'a/x', '../x', '.'])('that the relative path %s is not changed', async (file) => {
    const { files } = dryRun();
    await files.remove('/data/a/f');
    // The machine in memory has no working directory.
    await expect(files.stat(`${file}/missing`)).rejects.toThrow('invalid argument');
  });

  test('modes and owners', async () => {
    const { files } = dryRun();
    await files.write('/data/new', 'n', options);
    await files.chmod('/data/new', 0o644);
    await files.chmod('/data/b/f', 0o400);
    await files.chownTree('/data/b', 3, 4);
    await files.write('/data/a/f', 'changed', options);
    expect(await files.stat('/data/new')).toMatchObject({ mode: 0o644 });
    expect(await files.stat('/data/b/f')).toMatchObject({ mode: 0o400, uid: 3, gid: 4 });
    expect(await files.stat('/data/a/f')).toMatchObject({ mode: 0o640, uid: 7, gid: 8 });
  });

  test('two temporary directories, and the parents of a new file', async () => {
    const { files } = dryRun();
    const made = [
      await files.makeTemporaryDirectory('/data/x-'),
      await files.makeTemporaryDirectory('/data/x-'),
    ];
    expect(new Set(made).size).toBe(2);
    await files.write('/new/deeper/file', 'n', options);
    expect(await files.stat('/new')).toMatchObject({ kind: 'directory', mode: 0o700 });
    expect(await files.list('/new')).toEqual(['deeper']);
  });

  test('every sequence of writes as the machine itself would', async () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const [{ files: dry, real }, plain] = [dryRun(), machine()];
      const before = withoutDryRun(real.snapshot());
      const next = numbers(seed);
      const done: string[] = [];
      for (let step = 0; step < 12; step += 1) {
        const [name, write] = anyWrite(next);
        if (!(await succeeds(write, plain.files))) continue;
        done.push(name);
        await write(dry);
        expect(await seen(dry), `seed ${seed}: ${done.join('; ')}`).toEqual(await seen(plain.files));
      }
      expect(withoutDryRun(real.snapshot())).toEqual(before);
    }
  });
});

type Next = (below: number) => number;
type Write = (files: FileWrites) => Promise<void>;

/** A linear congruential generator. */
function numbers(seed: number): Next {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

const roots = ['/data', pki];

function anyWrite(next: Next): readonly [string, Write] {
  const one = <T>(list: readonly [T, ...T[]]): T => list[next(list.length)] ?? list[0];
  const root = one(['/data', '/data', pki]);
  const folder = () => `${root}/${one(['a', 'b', 'c', 'etcd', 'a/inner'])}`;
  const file = () => `${one([folder(), root])}/${one(['f', 'g', 'ca.crt', 'inner'])}`;
  const [path, tree, other] = [file(), folder(), one([file(), folder()])];
  const [text, mode] = [String(next(1000)), one([0o600, 0o644, 0o700])];
  const from = one([path, tree]);
  const isInside = `${other}/`.startsWith(`${from}/`) || `${from}/`.startsWith(`${other}/`);
  const [target, owner] = [isInside ? `${root}/elsewhere` : other, next(5)];
  return one<readonly [string, Write]>([
    [`write ${path}`, async (files) => await files.write(path, text, { mode, directoryMode: 0o755 })],
    [`write ${path} in its folder`, async (files) => await files.write(path, text, { mode })],
    [`makeDirectory ${tree}`, async (files) => await files.makeDirectory(tree, mode)],
    [`remove ${path}`, async (files) => await files.remove(path)],
    [`removeContents ${tree}`, async (files) => await files.removeContents(tree)],
    [`removeTree ${from}`, async (files) => await files.removeTree(from)],
    [`chmod ${from}`, async (files) => await files.chmod(from, mode)],
    [`chown ${from}`, async (files) => await files.chown(from, owner, owner)],
    [`chownTree ${tree}`, async (files) => await files.chownTree(tree, owner, owner)],
    [`move ${from} ${target}`, async (files) => await files.move(from, target)],
    [`copyTree ${from} ${target}`, async (files) => await files.copyTree(from, target)],
  ]);
}

async function succeeds(write: Write, files: FileWrites): Promise<boolean> {
  try {
    await write(files);
    return true;
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

/** All files below the roots, as reads see them. */
async function seen(files: FileReads): Promise<Readonly<Record<string, unknown>>> {
  const found: Record<string, unknown> = {};
  const visit = async (path: string): Promise<void> => {
    const stat: FileStat | undefined = await files.lstat(path);
    if (stat === undefined) throw new Error(`${path} is listed and does not exist`);
    const { gid, kind, mode, size, uid } = stat;
    const text = kind === 'file' ? await files.readText(path) : undefined;
    found[path] = { kind, mode, uid, gid, size, text };
    if (kind !== 'directory') return;
    for (const name of (await files.list(path)) ?? []) await visit(`${path}/${name}`);
  };
  for (const root of roots) await visit(root);
  return found;
}

function withoutDryRun(snapshot: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(snapshot).filter(([path]) => !path.startsWith(`${directory}/`)));
}
