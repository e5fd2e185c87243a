import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { pruneCache } from './prune.ts';

const current = `kubelet-${'a'.repeat(24)}`;
const old = `kubelet-${'b'.repeat(24)}`;
const image = `image-kube-proxy-${'c'.repeat(24)}`;
const foreign = ['notes', 'kubelet-other', '.hidden'];

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'prune-'));
  for (const name of [current, old, image, '.downloads', '.partial-01ab', ...foreign]) {
    await mkdir(join(root, name));
    await writeFile(join(root, name, 'file'), Buffer.alloc(1_000_000));
  }
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

const left = async (): Promise<readonly string[]> =>
  (await readdir(root)).filter((name) => !name.startsWith('.lock')).sort();

test('prune removes old entries and leftovers, and keeps current entries and the files of others', async () => {
  const pruned = await pruneCache({ root, keep: new Set([current, 'not-there']), dryRun: false });
  expect(pruned).toEqual({ removed: ['.downloads', '.partial-01ab', image, old], kept: 1, freedMB: 4 });
  expect(await left()).toEqual([current, ...foreign].sort());
});

test('a dry run of prune reports the same and removes nothing', async () => {
  const before = await left();
  const keep = new Set([current]);
  const told = await pruneCache({ root, keep, dryRun: true });
  expect(await left()).toEqual(before);
  expect(await pruneCache({ root, keep, dryRun: false })).toEqual(told);
});

test('prune accepts an empty cache and one that does not exist', async () => {
  const fresh = join(root, 'fresh');
  expect(await pruneCache({ root: fresh, keep: new Set(), dryRun: false })).toEqual({
    removed: [],
    kept: 0,
    freedMB: 0,
  });
});
