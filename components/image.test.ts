import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { unpackTar } from 'modern-tar';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { type ImageSpec, imageKey, packImage, withParents } from './image.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'image-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function program(name: string, bytes: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
}

function specOf(source: string, identity?: string): ImageSpec {
  return {
    reference: 'registry.k8s.io/etcd:3.6.8-0',
    command: ['etcd'],
    entries: [
      {
        type: 'file',
        path: '/usr/local/bin/etcd',
        mode: 0o755,
        source,
        ...(identity === undefined ? {} : { identity }),
      },
      { type: 'link', path: '/usr/local/bin/alias', target: 'etcd' },
      { type: 'content', path: '/etc/passwd', content: 'root:x:0:0::/:\n' },
      { type: 'directory', path: '/tmp', mode: 0o1777 },
    ],
  };
}

async function archive(spec: ImageSpec, name: string): Promise<Uint8Array> {
  const path = join(directory, name);
  await packImage(spec, path);
  return readFile(path);
}

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

test('the same bytes make the same image archive at any time and with any mode of the files', async () => {
  const bytes = 'x'.repeat(200_000);
  const one = await program('one', bytes);
  const other = await program('other', bytes);
  await chmod(other, 0o600);
  await utimes(other, new Date('2001-01-01'), new Date('2001-01-01'));
  const first = await archive(specOf(one), 'first.tar');
  const second = await archive(
    { ...specOf(other), entries: [...specOf(other).entries].reverse() },
    'second.tar',
  );
  expect(sha256(first)).toBe(sha256(second));
  expect(sha256(await archive(specOf(await program('third', 'y')), 'third.tar'))).not.toBe(sha256(first));
  expect((await readdir(directory)).filter((name) => name.endsWith('.layer'))).toEqual([]);
});

test('an image archive has a manifest, a config and one layer with fixed owners and times', async () => {
  const files = await unpackTar(await archive(specOf(await program('etcd', 'binary')), 'image.tar'));
  const byName = new Map(files.map(({ header, data }) => [header.name, data ?? new Uint8Array()]));
  const text = (name: string): string => new TextDecoder().decode(byName.get(name));
  const [manifest] = JSON.parse(text('manifest.json'));
  expect(manifest.RepoTags).toEqual(['registry.k8s.io/etcd:3.6.8-0']);
  const config = JSON.parse(text(manifest.Config));
  expect(manifest.Config).toBe(`${sha256(byName.get(manifest.Config) ?? new Uint8Array())}.json`);
  expect(config).toMatchObject({ os: 'linux', created: '1970-01-01T00:00:00Z', config: { Cmd: ['etcd'] } });
  const layer = byName.get(manifest.Layers[0]) ?? new Uint8Array();
  expect(config.rootfs.diff_ids).toEqual([`sha256:${sha256(layer)}`]);

  const entries = await unpackTar(layer);
  expect(entries.map(({ header }) => header.name.replace(/\/$/, ''))).toEqual([
    'etc',
    'etc/passwd',
    'tmp',
    'usr',
    'usr/local',
    'usr/local/bin',
    'usr/local/bin/alias',
    'usr/local/bin/etcd',
  ]);
  for (const { header } of entries) {
    expect(header).toMatchObject({ uid: 0, gid: 0, mtime: new Date(0) });
  }
  const found = (name: string) => entries.find(({ header }) => header.name.replace(/\/$/, '') === name);
  expect(found('tmp')?.header).toMatchObject({ type: 'directory', mode: 0o1777 });
  expect(found('usr/local/bin/alias')?.header).toMatchObject({ type: 'symlink', linkname: 'etcd' });
  expect(found('usr/local/bin/etcd')?.header.mode).toBe(0o755);
  expect(new TextDecoder().decode(found('usr/local/bin/etcd')?.data)).toBe('binary');
});

test('the key of an image changes with its bytes, name, paths, modes and configuration, not with the folder', async () => {
  const one = await program('one', 'bytes');
  const spec = specOf(one);
  const key = await imageKey(spec);
  expect(await imageKey(specOf(await program('two', 'bytes')))).toBe(key);
  const others: readonly ImageSpec[] = [
    specOf(await program('three', 'other')),
    { ...spec, reference: 'registry.k8s.io/etcd:3.6.9-0' },
    { ...spec, user: '1:1' },
    { ...spec, entries: spec.entries.map((entry) => ({ ...entry, path: `${entry.path}2` })) },
    { ...spec, entries: spec.entries.map((entry) => ('mode' in entry ? { ...entry, mode: 0o700 } : entry)) },
  ];
  expect(new Set([key, ...(await Promise.all(others.map(imageKey)))]).size).toBe(others.length + 1);
});

test('an identity stands for the bytes of a file that is not built yet', async () => {
  const absent = join(directory, 'absent');
  expect(await imageKey(specOf(absent, 'a'))).not.toBe(await imageKey(specOf(absent, 'b')));
});

test('a missing file of an image is an error and leaves no archive', async () => {
  await expect(packImage(specOf(join(directory, 'absent')), join(directory, 'image.tar'))).rejects.toThrow(
    /ENOENT/,
  );
  expect((await readdir(directory)).filter((name) => name.endsWith('.layer'))).toEqual([]);
});

test('the folders of a layer come once, before their children, and never in place of a link', () => {
  const entries = withParents([
    { type: 'content', path: '/a/b/c', content: '' },
    { type: 'content', path: '/a/b/d', content: '' },
    { type: 'link', path: '/lib', target: 'usr/lib' },
  ]);
  expect(entries.map(({ type, path }) => `${type} ${path}`)).toEqual([
    'directory /a',
    'directory /a/b',
    'content /a/b/c',
    'content /a/b/d',
    'link /lib',
  ]);
});
