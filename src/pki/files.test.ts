import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificatePath, keyPath, parseCertificates } from './files.ts';
import { generateKey } from './generate-key.ts';
import { encodePem } from './pem.ts';
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
