import { describe, expect, test } from 'vitest';

import { parseRecord, type UpgradeRecord } from './record.ts';

const record: UpgradeRecord = {
  command: 'upgrade',
  subcommand: 'apply',
  startedAt: '2026-01-02T03:04:05Z',
  fingerprints: {},
  version: 'v1.36.2',
  certificatesDir: '/etc/kubernetes/pki',
  nodeName: 'cp1',
  criSocket: 'unix:///run/containerd/containerd.sock',
  advertiseAddress: '10.0.0.5',
  backups: { manifests: '/backup/manifests', etcd: '/backup/etcd', kubelet: '/backup/kubelet' },
  swapping: { etcd: 'a1', 'kube-apiserver': '' },
};

const parse = (change: Readonly<Record<string, unknown>>): unknown =>
  parseRecord(JSON.stringify({ format: 2, ...record, ...change }));

describe('the record of an upgrade', () => {
  test.each([
    {},
    { etcdDataDir: '/var/lib/etcd' },
    { subcommand: 'node', advertiseAddress: '', swapping: {} },
  ])('is read with %j', (change) => {
    expect(parse(change)).toEqual({ ...record, ...change });
  });

  test.each(Object.keys(record))('counts as that of another release without %s', (field) => {
    expect(() => parse({ [field]: undefined })).toThrow('unknown run');
  });

  test.each([
    { subcommand: 'diff' },
    { version: 1 },
    { nodeName: null },
    { backups: { ...record.backups, kubelet: undefined } },
    { backups: { ...record.backups, etcd: ['/'] } },
    { swapping: { etcd: 1 } },
    { swapping: { '../../etc/passwd': 'a1' } },
    { etcdDataDir: false },
  ])('counts as that of another release with %j', (change) => {
    expect(() => parse(change)).toThrow('unknown run');
  });
});
