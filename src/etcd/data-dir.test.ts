import { expect, test } from 'vitest';

import { createMemoryHost } from '../host/memory/index.ts';
import { inCluster } from '../phases/reset/reset.fixture.ts';
import type { ResetRecord } from '../run-record/record.ts';
import { etcdDataDir } from './data-dir.ts';

const manifest = '/etc/kubernetes/manifests/etcd.yaml';
const volume = (path: string): string =>
  `spec: {volumes: [{name: etcd-certs, hostPath: {path: /pki}}, {name: etcd-data, hostPath: {path: '${path}'}}]}`;

const unfinished: ResetRecord = {
  command: 'reset',
  startedAt: '2026-01-02T03:04:05.000Z',
  etcdDataDir: '/recorded',
  rootless: false,
};
const cluster = inCluster({ currentContext: '', clusters: [], contexts: [], users: [] });

/** What is asked of the function, from the best source to the last. */
test.each([
  ['the cluster', { cluster, unfinished }, { [manifest]: volume('/manifest') }, '/data/etcd'],
  ['the manifest', { unfinished }, { [manifest]: volume('/manifest') }, '/manifest'],
  ['the record where the manifest is gone', { unfinished }, {}, '/recorded'],
  ['the record where the manifest does not tell', { unfinished }, { [manifest]: volume('') }, '/recorded'],
  ['the default', {}, {}, '/var/lib/etcd'],
])('the data directory of etcd comes from %s', async (_, known, files, expected) => {
  const host = createMemoryHost({ files });
  expect(await etcdDataDir({ cluster: undefined, unfinished: undefined, ...known }, host)).toBe(expected);
});

test.each(['{}', volume(''), 'spec: {volumes: [{name: etcd-data}]}'])(
  'a manifest that does not tell, alone, is an error: %s',
  async (text) => {
    const host = createMemoryHost({ files: { [manifest]: text } });
    await expect(etcdDataDir({ cluster: undefined, unfinished: undefined }, host)).rejects.toThrow(
      `${manifest} has no volume etcd-data with a hostPath`,
    );
  },
);
