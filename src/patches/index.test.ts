import { describe, expect, test } from 'vitest';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { ownRelease } from '../releases/index.ts';
import { applyPatches, applyTypedPatches, loadPatches } from './index.ts';

const types = ownRelease.objectTypes;
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'etcd' }, spec: { containers: [] } };

function patchesOf(files: Record<string, string>) {
  const events: KubeadmEvent[] = [];
  const emit = (event: KubeadmEvent) => void events.push(event);
  const inFolder = Object.entries(files).map(([name, text]) => [`/patches/${name}`, text]);
  const host = createMemoryHost({ files: Object.fromEntries(inFolder) });
  return { host, events, emit, load: () => loadPatches(host, '/patches', emit) };
}

describe('loadPatches', () => {
  test('reads in lexical order, sub-directories too, and says what it leaves out', async () => {
    const { events, load } = patchesOf({
      'etcd1.yaml': 'metadata: {labels: {a: "1"}}\n---\n---\nmetadata: {labels: {a: "2"}}\n',
      'etcd0+json.json': '[]',
      'etc/etcd+merge.yaml': 'spec: {}',
      'README.md': 'hello',
      'other.yaml': 'a: b',
      'etcd9.yaml': '',
    });
    const { patches } = await load();
    expect(patches.map(({ type, place }) => [type, place])).toEqual([
      ['merge', { file: '/patches/etc/etcd+merge.yaml', document: 1, line: 1 }],
      ['json', { file: '/patches/etcd0+json.json', document: 1, line: 1 }],
      ['strategic', { file: '/patches/etcd1.yaml', document: 1, line: 1 }],
      ['strategic', { file: '/patches/etcd1.yaml', document: 3, line: 4 }],
    ]);
    expect(events).toEqual([
      { type: 'patch-ignored', file: '/patches/README.md', reason: 'extension' },
      { type: 'patch-ignored', file: '/patches/etcd9.yaml', reason: 'empty' },
      { type: 'patch-ignored', file: '/patches/other.yaml', reason: 'target' },
    ]);
  });

  test.each([
    ['etcd+other.yaml', 'a: b', '/patches/etcd+other.yaml: after "+"'],
    ['etcd.yaml', 'a: b\n---\nb: [\n', '/patches/etcd.yaml, document 2, line '],
    ['etcd.yaml', '- a', 'document 1, line 1: this is not a strategic patch'],
    ['etcd+json.yaml', 'a: b', 'this is not a json patch: it must be a list'],
    ['etcd.yaml', 'a: b\n--- c\n', '/patches/etcd.yaml, line 2'],
  ])('refuses %s with %j', async (name, text, message) => {
    await expect(patchesOf({ [name]: text }).load()).rejects.toMatchObject({
      code: 'patch-invalid',
      message: expect.stringContaining(message),
    });
  });

  test('refuses a path that is not a directory, a link to one too', async () => {
    const host = createMemoryHost({
      files: { '/file': 'x', '/real/etcd.yaml': 'a: b', '/link': { link: '/real' } },
    });
    for (const path of ['/none', '/file', '/link']) {
      await expect(loadPatches(host, path, () => undefined)).rejects.toMatchObject({
        code: 'patch-invalid',
        place: { file: path },
      });
    }
  });
});

describe('applyPatches', () => {
  test('applies those of the target, each on the result of the one before', async () => {
    const { events, emit, load } = patchesOf({
      'etcd0.yaml': 'metadata: {labels: {a: "1"}}',
      'etcd1+json.yaml': '- {op: replace, path: /metadata/labels/a, value: "2"}',
      'etcd2+merge.yaml': 'metadata: {labels: {b: "3"}}',
      'kube-scheduler.yaml': 'metadata: {labels: {c: "4"}}',
    });
    expect(applyPatches(await load(), 'etcd', pod, { emit, types }).metadata).toEqual({
      name: 'etcd',
      labels: { a: '2', b: '3' },
    });
    expect(events.map((event) => event.type === 'patch-applied' && event.contentType)).toEqual([
      'application/strategic-merge-patch+json',
      'application/json-patch+json',
      'application/merge-patch+json',
    ]);
  });

  test('says which patch does not fit', async () => {
    const { emit, load } = patchesOf({ 'etcd+json.yaml': '# why\n- {op: remove, path: /none}' });
    const set = await load();
    expect(() => applyPatches(set, 'etcd', pod, { emit, types })).toThrow(
      '/patches/etcd+json.yaml, document 1, line 1: this json patch does not fit etcd: operation 1 (remove /none)',
    );
  });
});

describe('applyTypedPatches', () => {
  test('drops what no Pod has', async () => {
    const { emit, load } = patchesOf({ 'etcd.yaml': 'spec: {bogus: 1, dnsPolicy: Default}' });
    expect(applyTypedPatches(await load(), 'etcd', pod, { emit, types })).toEqual({
      ...pod,
      spec: { containers: [], dnsPolicy: 'Default' },
      status: {},
    });
  });

  test.each([
    ['spec: {priority: high}', 'make a bad etcd: spec.priority: must be a whole number'],
    ['kind: Deployment', 'must not change its kind'],
    ['apiVersion: null', 'must not change its apiVersion'],
  ])('refuses %s', async (text, message) => {
    const { emit, load } = patchesOf({ 'etcd.yaml': text });
    const set = await load();
    expect(() => applyTypedPatches(set, 'etcd', pod, { emit, types })).toThrow(message);
  });
});
