import { expect, test } from 'vitest';

import type { Emit } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { keyFingerprint, textFingerprint } from '../pki/fingerprint.ts';
import { record } from './cut-off.fixture.ts';
import { type InitRecord, writeRecord } from './record.ts';
import { withFingerprints } from './with-fingerprints.ts';

const paths = ['/etc/kubernetes/admin.conf', '/etc/kubernetes/scheduler.conf', '/srv/pki/ca.key'];
const mode = { mode: 0o600, directoryMode: 0o755 };

async function hostWithRecord(fingerprints: InitRecord['fingerprints'] = {}) {
  const host = createMemoryHost();
  const begun: InitRecord = {
    command: 'init',
    startedAt: '2026-01-02T03:04:05.000Z',
    documents: 'kind: ClusterConfiguration\ncertificatesDir: /srv/pki\n',
    secrets: { certificateKey: '', uploadToken: '' },
    fingerprints,
  };
  await writeRecord(host, begun, () => undefined);
  const noted = () => (JSON.parse(host.snapshot()[record]?.text ?? '') as InitRecord).fingerprints;
  return { host, noted };
}

test('the record gets the fingerprint of each file before its write, even if the writes overlap', async () => {
  const { host, noted } = await hostWithRecord();
  const known: boolean[] = [];
  host.gate.onWrite(({ kind, target }) => {
    if (kind === 'file' && paths.includes(target)) known.push(noted()[target] !== undefined);
  });
  const { files } = withFingerprints(host, () => undefined);
  await Promise.all(paths.map((path) => files.write(path, `text of ${path}`, mode)));
  expect(known).toEqual([true, true, true]);
  expect(noted()).toEqual(
    Object.fromEntries(paths.map((path) => [path, textFingerprint(`text of ${path}`)])),
  );
});

test('the record gets no fingerprint of kubelet.conf, or of keys outside the certificates directory', async () => {
  const { host, noted } = await hostWithRecord();
  const { files } = withFingerprints(host, () => undefined);
  for (const path of ['/etc/kubernetes/kubelet.conf', '/etc/kubernetes/pki/ca.key'])
    await files.write(path, 'x', mode);
  expect(noted()).toEqual({});
});

test('a record that does not match the existing files gets no fingerprints', async () => {
  const known = { '/etc/kubernetes/admin.conf': textFingerprint('of the run') };
  const { host, noted } = await hostWithRecord(known);
  host.disk.put({ '/etc/kubernetes/admin.conf': 'of another cluster' });
  await withFingerprints(host, () => undefined).files.write('/etc/kubernetes/scheduler.conf', 'x', mode);
  expect(noted()).toEqual(known);
});

test('files are written with one warning if the record cannot be changed', async () => {
  const { host } = await hostWithRecord();
  host.disk.fail(record, 'EROFS', 'write');
  const codes: string[] = [];
  const emit: Emit = (event) => void codes.push(event.type === 'warning' ? event.code : '');
  const { files } = withFingerprints(host, emit);
  for (const path of paths) await files.write(path, 'x', mode);
  expect(codes).toEqual(['run-record-not-kept']);
  expect(host.snapshot()['/etc/kubernetes/admin.conf']?.text).toBe('x');
});

test('a run that begins its record does not read it back to note a new key pair', async () => {
  const { host, noted } = await hostWithRecord();
  const text = host.snapshot()[record]?.text ?? '';
  const noting = withFingerprints(host, () => undefined);
  await noting.files.write(record, text, mode);
  host.disk.fail(record, 'EIO', 'read');
  const { privateKey } = await noting.keys.generate('ECDSA-P256');
  await noting.files.write('/srv/pki/ca.key', privateKey, mode);
  host.disk.fail(record, undefined, 'read');
  expect(noted()).toEqual({ '/srv/pki/ca.key': keyFingerprint(privateKey) });
});
