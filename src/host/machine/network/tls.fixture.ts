/** A certificate authority with a server and a client, and servers on loopback that use them. */
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { generateKey } from '../../../pki/generate-key.ts';
import { certificatePem, parseCertificate } from '../../../pki/read-certificate.ts';
import { type CertificateTemplate, createCertificate, createSelfSigned } from '../../../pki/x509.ts';

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface TestPki {
  readonly ca: string;
  /** For 127.0.0.1, ::1, localhost and target.test. */
  readonly server: Pair;
  /** Of user `tester` in group system:masters. */
  readonly client: Pair;
  /** Like `server`, but it expired yesterday. */
  readonly expired: Pair;
}

export const day = 86_400_000;

export interface TestAuthority {
  /** PEM. */
  readonly ca: string;
  /** By default, the certificate is for a server with the names of `TestPki.server`. */
  readonly issue: (template?: Partial<CertificateTemplate>) => Promise<Pair>;
}

/** The default validity is from two days ago until tomorrow. */
export async function createTestAuthority(commonName = 'test-ca'): Promise<TestAuthority> {
  const authorityKey = createPrivateKey((await generateKey('ECDSA-P256')).privateKey);
  const plain: CertificateTemplate = {
    commonName,
    organizations: [],
    dnsNames: [],
    ips: [],
    isCA: false,
    usages: [],
    notBefore: new Date(Date.now() - 2 * day),
    notAfter: new Date(Date.now() + day),
  };
  const authority = parseCertificate(
    await createSelfSigned({ ...plain, isCA: true }, authorityKey, randomBytes(8)),
  );
  const names = { commonName: 'server', dnsNames: ['localhost', 'target.test'], ips: ['127.0.0.1', '::1'] };
  return {
    ca: certificatePem(authority.der),
    issue: async (change = {}) => {
      const { privateKey } = await generateKey('ECDSA-P256');
      const publicKey = createPublicKey(createPrivateKey(privateKey));
      const template = { ...plain, ...names, usages: ['server'], ...change };
      const request = { template, publicKey, serial: randomBytes(8) };
      const certificate = await createCertificate(request, { certificate: authority, key: authorityKey });
      return { cert: certificatePem(certificate), key: privateKey };
    },
  };
}

export async function createTestPki(): Promise<TestPki> {
  const { ca, issue } = await createTestAuthority();
  const client = {
    commonName: 'tester',
    organizations: ['system:masters'],
    dnsNames: [],
    ips: [],
    usages: ['client'],
  } as const;
  return {
    ca,
    server: await issue(),
    client: await issue(client),
    expired: await issue({ notAfter: new Date(Date.now() - day) }),
  };
}

/** Listens on a free port of 127.0.0.1 or on `path`, and returns the port. */
export async function listen(server: Server, path?: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (path === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(path, resolve);
  });
  return path === undefined ? (server.address() as AddressInfo).port : 0;
}
