import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryHost, type MemoryHost } from '../../host/memory/index.ts';
import { readCertificates } from '../../pki/files.ts';
import { generateKey } from '../../pki/generate-key.ts';
import { certificatePem, parseCertificate } from '../../pki/read-certificate.ts';
import { createCertificate, createSelfSigned } from '../../pki/x509.ts';
import { certs } from './certs.ts';
import { type InputChanges, initInput, runPhase } from './input.fixture.ts';
import { kubeconfig } from './kubeconfig.ts';

const pki = '/etc/kubernetes/pki';
const cluster = { encryptionAlgorithm: 'ECDSA-P256' } as const;
const input = (changes: InputChanges = {}) =>
  initInput({ ...changes, cluster: { ...cluster, ...changes.cluster } });

let host: MemoryHost;
beforeEach(() => {
  host = createMemoryHost({ hostname: 'cp1' });
});

const read = async (name: string) => new X509Certificate(await host.files.read(`${pki}/${name}`));
const copy = (from: string, to: string) => host.files.readText(from).then((text) => put(to, text));
const put = (path: string, text: string) =>
  host.files.write(path, text, { mode: 0o600, directoryMode: 0o755 });
const remove = (...names: string[]) => Promise.all(names.map((name) => host.files.remove(`${pki}/${name}`)));
const message = (error: unknown) => (error instanceof Error ? error.message : String(error));

describe('on an empty machine', () => {
  test("makes all pairs, with upstream's modes and validity", async () => {
    expect((await runPhase(certs, input(), host)).error).toBeUndefined();
    const files = Object.entries(host.snapshot()).filter(
      ([path]) => path.startsWith(`${pki}/`) && !path.endsWith('/'),
    );
    expect(files).toHaveLength(22);
    for (const [path, file] of files)
      expect([path, file.mode]).toEqual([path, path.endsWith('.crt') ? 0o644 : 0o600]);
    const apiserver = await read('apiserver.crt');
    expect(apiserver.checkIssued(await read('ca.crt'))).toBe(true);
    expect(
      apiserver.checkPrivateKey(createPrivateKey(await host.files.readText(`${pki}/apiserver.key`))),
    ).toBe(true);
    expect(new Date(apiserver.validFrom)).toEqual(new Date('2026-01-02T02:59:05Z'));
    expect(new Date(apiserver.validTo)).toEqual(new Date('2027-01-02T03:04:05Z'));
    expect(new Date((await read('ca.crt')).validTo)).toEqual(new Date('2035-12-31T03:04:05Z'));
    expect((await read('etcd/peer.crt')).checkIssued(await read('etcd/ca.crt'))).toBe(true);
    const publicKey = createPublicKey(await host.files.readText(`${pki}/sa.key`)).export({
      type: 'spki',
      format: 'pem',
    });
    expect(await host.files.readText(`${pki}/sa.pub`)).toBe(publicKey);
  });

  test('names the API server by all that the configuration knows, sorted', async () => {
    const certSANs = ['z.example', '*.example', '10.1.1.1', 'not_a_name', '10.11.0.10'];
    const wanted = input({
      cluster: {
        controlPlaneEndpoint: '[fd00::9]:6443',
        apiServer: { extraArgs: [], extraVolumes: [], extraEnvs: [], certSANs },
      },
    });
    const { events } = await runPhase(certs, wanted, host);
    expect((await read('apiserver.crt')).subjectAltName).toBe(
      'DNS:*.example, DNS:cp1, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, ' +
        'DNS:kubernetes.default.svc.cluster.local, DNS:z.example, IP Address:10.96.0.1, IP Address:10.11.0.10, ' +
        'IP Address:FD00:0:0:0:0:0:0:9, IP Address:10.1.1.1',
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'warning', code: 'certificate-name-ignored' }),
    );
  });

  test('leaves etcd out when it is external', async () => {
    const external = { endpoints: [], httpEndpoints: [], caFile: '/a', certFile: '/b', keyFile: '/c' };
    const wanted = input({ cluster: { etcd: { external } } });
    const { events } = await runPhase(certs, wanted, host);
    expect(events.filter(({ type }) => type === 'certificate-skipped')).toHaveLength(5);
    expect(await host.files.stat(`${pki}/etcd`)).toBeUndefined();
  });

  test('warns of keys that are there and that other users can read', async () => {
    await runPhase(certs, input(), host);
    for (const name of ['ca', 'apiserver', 'sa']) await host.files.chmod(`${pki}/${name}.key`, 0o644);
    const { events } = await runPhase(certs, input(), host);
    const warned = events.filter(
      (event) => event.type === 'warning' && event.code === 'private-key-not-private',
    );
    expect(warned).toMatchObject(
      ['ca', 'apiserver', 'sa'].map((name) => ({ message: expect.stringContaining(`${name}.key`) })),
    );
    const rootless = input({ cluster: { featureGates: { RootlessControlPlane: true } } });
    await host.files.chmod(`${pki}/ca.key`, 0o600);
    await host.files.chmod(`${pki}/apiserver.key`, 0o600);
    await host.files.chmod(`${pki}/sa.key`, 0o640);
    const shared = (await runPhase(certs, rootless, host)).events;
    expect(
      shared.filter((event) => event.type === 'warning' && event.code === 'private-key-not-private'),
    ).toEqual([]);
  });

  test('asks for a CA before it signs', async () => {
    const apiserver = {
      ...certs,
      children: certs.children?.filter(({ name }) => name === 'apiserver') ?? [],
    };
    const { error } = await runPhase(apiserver, input(), host);
    expect(error).toMatchObject({ code: 'certificate-missing', hint: expect.stringContaining('certs ca') });
  });

  test('may be cut off after any write: a certificate is never there without its key', async () => {
    for (let writes = 0; ; writes++) {
      host = createMemoryHost({ hostname: 'cp1' });
      host.gate.crashAfter(writes);
      const { error } = await runPhase(certs, input(), host);
      const paths = Object.keys(host.snapshot()).filter((path) => path.endsWith('.crt'));
      for (const path of paths) expect(host.snapshot()).toHaveProperty([path.replace(/crt$/, 'key')]);
      if (error === undefined) break;
      expect(writes).toBeLessThan(60);
    }
  });
});

describe('with files there', () => {
  beforeEach(async () => {
    await runPhase(certs, input(), host);
  });

  test('keeps all that is good', async () => {
    const before = host.snapshot();
    const { events, error } = await runPhase(certs, input(), host);
    expect(error).toBeUndefined();
    expect(host.snapshot()).toEqual(before);
    expect(events.filter(({ type }) => type === 'certificate-existing')).toHaveLength(11);
  });

  test.each([
    [
      'the key of a CA without its certificate',
      () => remove('ca.crt'),
      /ca\.key is there, but its certificate/,
    ],
    [
      'the key of a leaf without its certificate',
      () => remove('apiserver.crt'),
      /apiserver\.key is there, but its/,
    ],
    ['a broken CA certificate', () => put(`${pki}/ca.crt`, 'garbage'), /ca\.crt: holds no PEM certificate/],
    [
      'a broken leaf',
      () => put(`${pki}/apiserver.crt`, 'garbage'),
      /apiserver\.crt: holds no PEM certificate/,
    ],
    [
      'a key in place of a certificate',
      () => copy(`${pki}/sa.key`, `${pki}/ca.crt`),
      /found: EC PRIVATE KEY/,
    ],
    ['a broken sa.key', () => put(`${pki}/sa.key`, 'garbage'), /sa\.key: holds no RSA or ECDSA private key/],
    [
      'a leaf of another authority',
      () => copy(`${pki}/front-proxy-client.crt`, `${pki}/apiserver.crt`),
      /does not lead/,
    ],
  ])('refuses %s and changes nothing', async (_name, spoil, expected) => {
    await spoil();
    const before = host.snapshot();
    const { error } = await runPhase(certs, input(), host);
    expect(message(error)).toMatch(expected);
    expect(error).toHaveProperty('hint', expect.any(String));
    expect(host.snapshot()).toEqual(before);
  });

  test('refuses an expired leaf', async () => {
    const late = { ...host, clock: { ...host.clock, now: () => new Date('2027-03-01T00:00:00Z') } };
    expect(message((await runPhase(certs, input(), late)).error)).toMatch(/apiserver\.crt .* has expired/);
  });

  test('warns of an expired authority that is kept', async () => {
    await remove('apiserver.crt', 'apiserver.key');
    const late = { ...host, clock: { ...host.clock, now: () => new Date('2040-01-01T00:00:00Z') } };
    const { events } = await runPhase(
      { ...certs, children: certs.children?.slice(0, 2) ?? [] },
      input(),
      late,
    );
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    expect(new Set(warnings)).toEqual(new Set([expect.stringMatching(/ca\.crt has expired at/)]));
  });

  test('keeps an authority without a key, but signs nothing with it', async () => {
    await remove('ca.key', 'apiserver.crt', 'apiserver.key');
    const { events, error } = await runPhase(certs, input(), host);
    expect(events).toContainEqual({ type: 'certificate-existing', name: 'ca', kind: 'keyless-ca' });
    expect(message(error)).toContain('the key of the certificate authority is missing');
  });

  test('refuses to sign with a key of another authority, one that is encrypted, and a leaf as authority', async () => {
    await remove('apiserver.crt', 'apiserver.key');
    await copy(`${pki}/etcd/ca.key`, `${pki}/ca.key`);
    expect(message((await runPhase(certs, input(), host)).error)).toContain('is not the key of');
    const encrypted = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n';
    await put(`${pki}/ca.key`, encrypted);
    expect(message((await runPhase(certs, input(), host)).error)).toContain('encrypted');
    await copy(`${pki}/front-proxy-client.crt`, `${pki}/ca.crt`);
    await copy(`${pki}/front-proxy-client.key`, `${pki}/ca.key`);
    expect(message((await runPhase(certs, input(), host)).error)).toContain(
      'not the certificate of an authority',
    );
  });

  test('follows intermediate certificates in the file of a leaf', async () => {
    const ca = await readCertificates(host.files, `${pki}/ca.crt`);
    const caKey = createPrivateKey(await host.files.readText(`${pki}/ca.key`));
    const [first, second] = [await generateKey('ECDSA-P256'), await generateKey('ECDSA-P256')];
    const template = {
      commonName: 'between',
      organizations: [],
      dnsNames: [],
      ips: [],
      usages: [],
      notBefore: ca.certificate.notBefore,
      notAfter: ca.certificate.notAfter,
    };
    const serial = new Uint8Array(8).fill(7);
    const between = parseCertificate(
      await createCertificate(
        { template: { ...template, isCA: true }, publicKey: createPublicKey(first.publicKey), serial },
        { certificate: ca.certificate, key: caKey },
      ),
    );
    const authority = { certificate: between, key: createPrivateKey(first.privateKey) };
    const leafTemplate = { ...template, commonName: 'kube-apiserver', isCA: false };
    const publicKey = createPublicKey(second.publicKey);
    const leaf = await createCertificate({ template: leafTemplate, publicKey, serial }, authority);
    await put(`${pki}/apiserver.key`, second.privateKey);
    await put(`${pki}/apiserver.crt`, certificatePem(leaf) + certificatePem(between.der));
    expect((await runPhase(certs, input(), host)).error).toBeUndefined();
    await put(`${pki}/apiserver.crt`, certificatePem(leaf));
    expect(message((await runPhase(certs, input(), host)).error)).toContain('does not lead to the authority');
    const stranger = await createSelfSigned({ ...template, isCA: true }, authority.key, serial);
    await put(`${pki}/apiserver.crt`, certificatePem(leaf) + certificatePem(stranger));
    expect(message((await runPhase(certs, input(), host)).error)).toContain('does not lead to the authority');
  });

  test('says what a kept service account key lacks', async () => {
    await remove('sa.pub');
    const { events } = await runPhase(certs, input(), host);
    expect(events).toContainEqual(expect.objectContaining({ code: 'service-account-public-key-missing' }));
    expect(await host.files.stat(`${pki}/sa.pub`)).toBeUndefined();
  });

  test('makes no key for service accounts with an external CA', async () => {
    await remove('sa.key', 'sa.pub');
    const { events } = await runPhase(certs, { ...input(), externalCA: true }, host);
    expect(events).toContainEqual({ type: 'certificate-skipped', name: 'sa', reason: 'external-ca' });
    expect(await host.files.stat(`${pki}/sa.key`)).toBeUndefined();
  });

  test('the kubeconfig files are made after the certificates that an external CA signed', async () => {
    expect((await runPhase(kubeconfig, input(), host)).error).toBeUndefined();
  });
});
