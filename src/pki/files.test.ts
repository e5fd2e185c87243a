import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import {
  certificatePath,
  keyPath,
  parseCertificates,
  readCertificates,
  readPrivateKey,
  writeKeyPair,
  writePair,
} from './files.ts';
import { generateKey } from './generate-key.ts';
import { encodePem, parsePem } from './pem.ts';
import { certificatePem } from './read-certificate.ts';
import { createSelfSigned } from './x509.ts';

const template = {
  commonName: 'ca',
  organizations: [],
  dnsNames: [],
  ips: [],
  isCA: true,
  usages: [],
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2036-01-01T00:00:00Z'),
};

async function certificate(): Promise<string> {
  const key = createPrivateKey((await generateKey('ECDSA-P256')).privateKey);
  return certificatePem(await createSelfSigned(template, key, new Uint8Array(8).fill(1)));
}

test('the certificates after the first one are the intermediates', async () => {
  const pem = await certificate();
  const file = parseCertificates(pem.repeat(3), 'ca.crt');
  expect(file.intermediates.map(({ commonName }) => commonName)).toEqual(['ca', 'ca']);
  expect(file.intermediates).toBe(file.intermediates);
});

test('a broken certificate after the first one is refused with its number', async () => {
  const pem = await certificate();
  const text = pem + pem + encodePem('CERTIFICATE', new Uint8Array([0x30, 0]));
  expect(() => parseCertificates(text, 'ca.crt')).toThrow(
    /^ca\.crt: certificate number 3 in it cannot be read/,
  );
});

test('bytes behind a certificate are refused', async () => {
  const [block] = parsePem(await certificate());
  const text = encodePem('CERTIFICATE', new Uint8Array([...(block?.der ?? []), 0]));
  expect(() => parseCertificates(text, 'ca.crt')).toThrow(/^ca\.crt: .*trailing data/);
});

test('a file above 1 MiB is refused, and one of exactly 1 MiB is read whole', async () => {
  const pem = await certificate();
  const { files, disk } = createMemoryHost();
  const padding = '\n'.repeat(1024 * 1024 - pem.length);
  disk.put({
    '/ca.crt': padding + pem,
    '/large.crt': `${pem}${padding} `,
    '/large.key': `${pem}${padding} `,
  });
  expect((await readCertificates(files, '/ca.crt')).certificate.commonName).toBe('ca');
  await expect(readCertificates(files, '/large.crt')).rejects.toThrow('/large.crt: is larger than 1 MiB');
  await expect(readPrivateKey(files, '/large.key')).rejects.toThrow('/large.key: is larger than 1 MiB');
});

test('of two files that belong together none is written when there is room for one', async () => {
  const { disk, files, snapshot } = createMemoryHost();
  disk.put({ '/pki': { directory: true } });
  const [directory, privateKey] = ['/pki', 'private'];
  disk.fail('/pki/ca.crt', 'ENOSPC', 'write');
  const pair = writePair(files, { directory, baseName: 'ca' }, { certificate: 'c', privateKey });
  await expect(pair).rejects.toMatchObject({ errno: 'ENOSPC' });
  disk.fail('/pki/sa.pub', 'ENOSPC', 'write');
  const keyPair = writeKeyPair(files, { directory, baseName: 'sa' }, { publicKey: 'p', privateKey });
  await expect(keyPair).rejects.toMatchObject({ errno: 'ENOSPC' });
  expect(snapshot('/pki')).toEqual({});
});

test.each([
  ['/etc/kubernetes/pki/', '/etc/kubernetes/pki/ca.crt'],
  ['/run/missing/../pki', '/run/pki/ca.crt'],
  ['pki', 'pki/ca.crt'],
])('in %s the certificate of the CA is %s', (directory, path) => {
  expect(certificatePath(directory, 'ca')).toBe(path);
});

test('files of etcd stand in a directory of their own', () => {
  expect(keyPath('/etc/kubernetes/pki/', 'etcd/ca')).toBe('/etc/kubernetes/pki/etcd/ca.key');
});
