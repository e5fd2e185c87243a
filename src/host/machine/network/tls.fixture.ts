/** A certificate authority with a server and a client, and servers on loopback that use them. */
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { generateKey } from '../../../pki/generate-key.ts';
import { certificatePem, parseCertificate } from '../../../pki/read-certificate.ts';
import { createCertificate, createSelfSigned, type Usage } from '../../../pki/x509.ts';

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

const day = 86_400_000;

export async function createTestPki(): Promise<TestPki> {
  const authorityKey = createPrivateKey((await generateKey('ECDSA-P256')).privateKey);
  const subject = (commonName: string, dnsNames: readonly string[] = [], ips: readonly string[] = []) => ({
    commonName,
    organizations: [] as readonly string[],
    dnsNames,
    ips,
    isCA: false,
    usages: [] as readonly Usage[],
    notBefore: new Date(Date.now() - 2 * day),
    notAfter: new Date(Date.now() + day),
  });
  const authority = parseCertificate(
    await createSelfSigned({ ...subject('test-ca'), isCA: true }, authorityKey, randomBytes(8)),
  );
  const issue = async (template: ReturnType<typeof subject>): Promise<Pair> => {
    const { privateKey } = await generateKey('ECDSA-P256');
    const publicKey = createPublicKey(createPrivateKey(privateKey));
    const request = { template, publicKey, serial: randomBytes(8) };
    const certificate = await createCertificate(request, { certificate: authority, key: authorityKey });
    return { cert: certificatePem(certificate), key: privateKey };
  };
  const names = subject('server', ['localhost', 'target.test'], ['127.0.0.1', '::1']);
  return {
    ca: certificatePem(authority.der),
    server: await issue({ ...names, usages: ['server'] }),
    client: await issue({ ...subject('tester'), organizations: ['system:masters'], usages: ['client'] }),
    expired: await issue({ ...names, usages: ['server'], notAfter: new Date(Date.now() - day) }),
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
