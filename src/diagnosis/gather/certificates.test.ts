import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { certificatePem, parseCertificate } from '../../pki/read-certificate.ts';
import { createCertificate, createSelfSigned } from '../../pki/x509.ts';
import { gatherCertificates } from './certificates.ts';

const pki = '/etc/kubernetes/pki';
const subject = { organizations: [], dnsNames: [], ips: [], usages: [] };
const dates = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
const serial = new Uint8Array(8).fill(1);

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function keyPem(key: KeyObject): string {
  return String(key.export({ type: 'sec1', format: 'pem' }));
}

async function authority(notAfter = dates.notAfter) {
  const key = newKey();
  const template = { ...subject, ...dates, notAfter, commonName: 'kubernetes', isCA: true };
  const der = await createSelfSigned(template, key, serial);
  return { key, pem: certificatePem(der), certificate: parseCertificate(der) };
}

async function leaf(signer: Awaited<ReturnType<typeof authority>>, key: KeyObject): Promise<string> {
  const template = { ...subject, ...dates, commonName: 'kube-apiserver', isCA: false };
  const request = { template, publicKey: createPublicKey(key), serial };
  return certificatePem(await createCertificate(request, signer));
}

test('the look at certificates has their dates, and whether key and authority fit', async () => {
  const [ca, other, key] = [await authority(), await authority(), newKey()];
  const host = createMemoryHost({
    files: {
      [`${pki}/ca.crt`]: ca.pem,
      [`${pki}/ca.key`]: keyPem(ca.key),
      [`${pki}/apiserver.crt`]: await leaf(ca, key),
      [`${pki}/apiserver.key`]: keyPem(newKey()),
      [`${pki}/apiserver-kubelet-client.crt`]: await leaf(other, key),
      [`${pki}/apiserver-kubelet-client.key`]: keyPem(key),
      [`${pki}/front-proxy-ca.crt`]: 'not a certificate',
    },
  });
  const found = await gatherCertificates(host, pki);
  expect(found.map(({ path: _, ...facts }) => facts)).toEqual([
    {
      name: 'ca',
      isAuthority: true,
      notBefore: dates.notBefore.getTime(),
      notAfter: dates.notAfter.getTime(),
      keyFits: true,
    },
    expect.objectContaining({ name: 'apiserver', isTrusted: true, keyFits: false }),
    expect.objectContaining({ name: 'apiserver-kubelet-client', isTrusted: false, keyFits: true }),
  ]);
  expect(JSON.stringify(found)).not.toContain('PRIVATE');
});

test('a bundle of authorities counts as valid as long as one of them is, and each may have signed', async () => {
  const [old, next, key] = [await authority(new Date('2026-02-01T00:00:00Z')), await authority(), newKey()];
  const host = createMemoryHost({
    files: { [`${pki}/ca.crt`]: old.pem + next.pem, [`${pki}/apiserver.crt`]: await leaf(next, key) },
  });
  expect(await gatherCertificates(host, pki)).toMatchObject([
    { name: 'ca', notAfter: dates.notAfter.getTime() },
    { name: 'apiserver', isTrusted: true },
  ]);
});

test('a kubeconfig that names a file has the dates of the certificate in the file', async () => {
  const path = '/var/lib/kubelet/pki/kubelet-client-current.pem';
  const [ca, key] = [await authority(), newKey()];
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { server: 'https://10.0.0.1:6443' } }],
    users: [{ name: 'u', user: { 'client-certificate': path, 'client-key': path } }],
  };
  const host = createMemoryHost({
    files: {
      '/etc/kubernetes/kubelet.conf': JSON.stringify(kubeconfig),
      [path]: (await leaf(ca, key)) + keyPem(key),
    },
  });
  const found = await gatherCertificates(host, pki);
  expect(found).toEqual([
    {
      name: 'kubelet-client',
      path,
      isAuthority: false,
      notBefore: dates.notBefore.getTime(),
      notAfter: dates.notAfter.getTime(),
    },
  ]);
  await host.files.remove(path);
  expect(await gatherCertificates(host, pki)).toEqual([]);
});
