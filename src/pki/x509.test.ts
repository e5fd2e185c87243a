import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KeyAlgorithm } from '../host.ts';
import { generateKey } from './generate-key.ts';
import { type Certificate, parseCertificate } from './read-certificate.ts';
import { type CertificateTemplate, createCertificate, createRequest, createSelfSigned } from './x509.ts';

const notBefore = new Date('2026-01-02T03:04:05.678Z');
const notAfter = new Date('2051-01-02T03:04:05Z');
const template: CertificateTemplate = {
  commonName: 'kubernetes',
  organizations: [],
  dnsNames: ['kubernetes'],
  ips: [],
  isCA: true,
  usages: [],
  notBefore,
  notAfter,
};
const serial = new Uint8Array([0xff, 1, 2, 3, 4, 5, 6, 7]);

async function newKey(algorithm: KeyAlgorithm): Promise<KeyObject> {
  return createPrivateKey((await generateKey(algorithm)).privateKey);
}

/** Position of a byte string in DER. */
function indexOf(der: Uint8Array, hex: string): number {
  return Buffer.from(der).indexOf(Buffer.from(hex, 'hex'));
}

describe.each(['RSA-2048', 'ECDSA-P256', 'ECDSA-P384'] as const)('certificates with %s keys', (algorithm) => {
  let key: KeyObject;
  let ca: Certificate;
  let leaf: Certificate;

  beforeAll(async () => {
    key = await newKey(algorithm);
    ca = parseCertificate(await createSelfSigned(template, key, serial));
    const publicKey = createPublicKey(await newKey(algorithm));
    const names = { commonName: 'node_1', dnsNames: ['*.a.b', 'c'], ips: ['10.0.0.1', 'fd00::1'] };
    const organizations = ['system:masters', 'a'];
    const usages = ['server', 'client'] as const;
    const wanted = { ...template, ...names, organizations, usages, isCA: false };
    leaf = parseCertificate(
      await createCertificate({ template: wanted, publicKey, serial }, { certificate: ca, key }),
    );
  });

  test('a CA and its leaf are valid for Node', () => {
    const [root, issued] = [new X509Certificate(ca.der), new X509Certificate(leaf.der)];
    expect(root.ca).toBe(true);
    expect(root.verify(createPublicKey(key))).toBe(true);
    expect(issued.ca).toBe(false);
    expect(issued.checkIssued(root)).toBe(true);
    expect(issued.verify(createPublicKey(key))).toBe(true);
    expect(issued.subjectAltName).toBe(
      'DNS:*.a.b, DNS:c, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1',
    );
    expect(issued.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  });

  test('a written certificate is read back', () => {
    expect(ca).toMatchObject({
      isCA: true,
      maySign: true,
      commonName: 'kubernetes',
      authorityKeyId: undefined,
    });
    expect(leaf).toMatchObject({
      isCA: false,
      maySign: false,
      commonName: 'node_1',
      organizations: ['a', 'system:masters'],
      serial: '7f01020304050608',
      dnsNames: ['*.a.b', 'c'],
      ips: ['10.0.0.1', 'fd00::1'],
      subjectKeyId: undefined,
      notBefore: new Date('2026-01-02T03:04:05Z'),
      notAfter,
    });
    expect(leaf.authorityKeyId).toEqual(ca.subjectKeyId);
    expect(ca.subjectKeyId).toHaveLength(20);
  });

  test('the extensions have the order of Go', () => {
    const order = ['551d0f0101ff', '551d25', '551d130101ff', '551d23', '551d11'].map((hex) =>
      indexOf(leaf.der, hex),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  test('the hash of the signature is that of Go', () => {
    const oid = {
      'RSA-2048': '2a864886f70d01010b',
      'ECDSA-P256': '2a8648ce3d040302',
      'ECDSA-P384': '2a8648ce3d040303',
    };
    expect(indexOf(leaf.der, oid[algorithm])).toBeGreaterThan(0);
  });
});

test('names are PrintableString if they can be, else UTF8String', async () => {
  const key = await newKey('ECDSA-P256');
  const printable = await createSelfSigned({ ...template, commonName: 'system:node:a' }, key, serial);
  expect(indexOf(printable, '130d73797374656d')).toBeGreaterThan(0);
  const other = await createSelfSigned({ ...template, commonName: 'a_b' }, key, serial);
  expect(indexOf(other, '0c03615f62')).toBeGreaterThan(0);
});

test('the serial number of a certificate is from 1 to 2^63 - 2', async () => {
  const key = await newKey('ECDSA-P256');
  const eight = fc.uint8Array({ minLength: 8, maxLength: 8 });
  const edges = fc.constantFrom(new Uint8Array(8), new Uint8Array(8).fill(255));
  await fc.assert(
    fc.asyncProperty(fc.oneof(edges, eight), async (bytes) => {
      const value = BigInt(`0x${parseCertificate(await createSelfSigned(template, key, bytes)).serial}`);
      expect(value >= 1n && value <= 2n ** 63n - 2n).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('a certificate that would end after the year 9999 is refused, and so is one with a month 13', async () => {
  const key = await newKey('ECDSA-P256');
  const until = (end: string) => createSelfSigned({ ...template, notAfter: new Date(end) }, key, serial);
  await expect(until('+010000-01-01T00:00:00Z')).rejects.toThrow('cannot end after the year 9999');
  const latest = Buffer.from(await until('9999-12-31T23:59:59Z')).toString('latin1');
  expect(parseCertificate(Buffer.from(latest, 'latin1')).notAfter.toISOString()).toBe(
    '9999-12-31T23:59:59.000Z',
  );
  const malformed = latest.replaceAll('99991231235959Z', '99991331235959Z');
  expect(() => parseCertificate(Buffer.from(malformed, 'latin1'))).toThrow(
    'a time that does not exist: "99991331235959Z"',
  );
});

test('signing requests are made with and without names', async () => {
  const key = await newKey('ECDSA-P256');
  const named = await createRequest(
    { commonName: 'x', organizations: ['b', 'a'], dnsNames: ['n'], ips: [] },
    key,
  );
  expect(indexOf(named, '2a864886f70d01090e')).toBeGreaterThan(0);
  const bare = await createRequest({ commonName: 'x', organizations: [], dnsNames: [], ips: [] }, key);
  expect(indexOf(bare, 'a000')).toBeGreaterThan(0);
});
