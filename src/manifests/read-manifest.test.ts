import { expect, test } from 'vitest';

import { createMemoryHost } from '../host/memory/index.ts';
import { readManifest } from './read-manifest.ts';

const path = '/etc/kubernetes/manifests/etcd.yaml';

test('a manifest has the flags of its container and the paths of its volumes', async () => {
  const text = `spec:
  containers:
  - command: [etcd, --name=a, --name=b, '--initial-cluster=a=https://x:2380,b=https://y:2380', --verbose]
    args: [--data-dir=/data]
  volumes:
  - {name: etcd-data, hostPath: {path: /data}}
  - {name: other, emptyDir: {}}
`;
  const manifest = await readManifest(createMemoryHost({ files: { [path]: text } }), 'etcd');
  expect(Object.fromEntries(manifest?.flags ?? [])).toEqual({
    name: 'b',
    'initial-cluster': 'a=https://x:2380,b=https://y:2380',
    'data-dir': '/data',
  });
  expect(Object.fromEntries(manifest?.volumes ?? [])).toEqual({ 'etcd-data': '/data', other: '' });
});

test.each(['', 'a: [', '- 1\n', 'spec: {containers: {}, volumes: 1}\n', 'spec: {containers: [1]}\n'])(
  'a file that is not a Pod has no flags and no volumes: %j',
  async (text) => {
    const manifest = await readManifest(createMemoryHost({ files: { [path]: text } }), 'etcd');
    expect([manifest?.flags.size, manifest?.volumes.size]).toEqual([0, 0]);
  },
);

test('the flags are those of the container that runs the component, with one dash or a space as well', async () => {
  const text = `spec:
  containers:
  - command: [sidecar, --name=a]
  - command: [etcd, ' -name=b ', '--data-dir /data', '--=x', '---y=z']
`;
  const manifest = await readManifest(createMemoryHost({ files: { [path]: text } }), 'etcd');
  expect(manifest?.runsComponent).toBe(true);
  expect(Object.fromEntries(manifest?.flags ?? [])).toEqual({ name: 'b', 'data-dir': '/data' });
});

test('a manifest that does not exist is undefined', async () => {
  expect(await readManifest(createMemoryHost(), 'etcd')).toBeUndefined();
});
