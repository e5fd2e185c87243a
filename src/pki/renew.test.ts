import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ClusterConfiguration } from '../config/hub.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { renewableCertificates, renewableIn } from '../kubeconfig/renew.ts';
import { makeKubeconfigRequests } from '../kubeconfig/signing-request.ts';
import { certs } from '../phases/init/certs.ts';
import { initInput, runPhase } from '../phases/init/input.fixture.ts';
import { kubeconfig } from '../phases/init/kubeconfig.ts';
import { authorityExpiries, leafExpiries } from './expiry.ts';
import { type RenewalInput, renewCertificate } from './renew.ts';
import { makeSigningRequests } from './signing-request.ts';

const dir = '/etc/kubernetes';
const pki = `${dir}/pki`;
const emit = () => {};
const base = initInput({ cluster: { encryptionAlgorithm: 'ECDSA-P256' } });

let host: MemoryHost;
beforeEach(async () => {
  host = createMemoryHost({ hostname: 'cp1' });
  await runPhase(certs, base, host);
  await runPhase(kubeconfig, base, host);
});

const read = async (name: string) => new X509Certificate(await host.files.read(`${pki}/${name}`));
const renewable = (name: string) => {
  const found = renewableCertificates.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const renew = (input: RenewalInput, name: string) => renewCertificate(host, input, renewable(name), emit);

describe('renewal', () => {
  const cluster: ClusterConfiguration = {
    ...base.cluster,
    encryptionAlgorithm: 'ECDSA-P384',
    certificateValidityPeriod: 3_600_000,
    apiServer: { ...base.cluster.apiServer, certSANs: ['new.example'] },
  };
  const input = { cluster, startTime: new Date('2026-07-01T00:00:00Z') };

  test('copies the old certificate, with a new key and a new period', async () => {
    const old = await read('apiserver.crt');
    expect(await renew(input, 'apiserver')).toBe('renewed');
    const renewed = await read('apiserver.crt');
    expect([renewed.subject, renewed.subjectAltName, renewed.keyUsage]).toEqual([
      old.subject,
      old.subjectAltName,
      old.keyUsage,
    ]);
    expect(renewed.serialNumber).not.toBe(old.serialNumber);
    expect(renewed.checkIssued(await read('ca.crt'))).toBe(true);
    expect(new Date(renewed.validFrom)).toEqual(new Date('2026-06-30T23:55:00Z'));
    expect(new Date(renewed.validTo)).toEqual(new Date('2026-07-01T01:00:00Z'));
    expect(renewed.publicKey.asymmetricKeyDetails?.namedCurve).toBe('secp384r1');
    const key = createPrivateKey(await host.files.readText(`${pki}/apiserver.key`));
    expect(renewed.checkPrivateKey(key)).toBe(true);
    expect((await host.files.stat(`${pki}/apiserver.key`))?.mode).toBe(0o600);
  });

  test('warns of keys that other users can read, and keeps their mode', async () => {
    await host.files.chmod(`${pki}/ca.key`, 0o644);
    await host.files.chmod(`${pki}/apiserver.key`, 0o640);
    const warnings: string[] = [];
    const note = (event: KubeadmEvent) => {
      if (event.type === 'warning') warnings.push(`${event.code} ${event.message}`);
    };
    await renewCertificate(host, input, renewable('apiserver'), note);
    expect(warnings).toEqual([
      expect.stringMatching(/^private-key-not-private .*ca\.key .*mode 0644/),
      expect.stringMatching(/^private-key-not-private .*apiserver\.key .*mode 0640.*chmod 600/),
    ]);
    expect((await host.files.stat(`${pki}/apiserver.key`))?.mode).toBe(0o640);
  });

  test('leaves the old pair as it is when the disk is full before the new certificate is written', async () => {
    const before = host.snapshot();
    host.disk.fail(`${pki}/apiserver.crt`, 'ENOSPC', 'write');
    await expect(renew(input, 'apiserver')).rejects.toMatchObject({ errno: 'ENOSPC' });
    expect(host.snapshot()).toEqual(before);
  });

  test('rewrites a kubeconfig with the present CA and keeps the rest', async () => {
    const path = `${dir}/admin.conf`;
    const text = await host.files.readText(path);
    await host.files.write(
      path,
      text.replace('    server:', '    own: kept\n    proxy-url: http://p\n    server:'),
      {
        mode: 0o600,
      },
    );
    expect(await renew(input, 'admin.conf')).toBe('renewed');
    const config = await loadKubeconfig(host, path);
    const certificate = new X509Certificate(config.users[0]?.clientCertificateData ?? '');
    expect(certificate.subject).toBe('O=kubeadm:cluster-admins\nCN=kubernetes-admin');
    expect(certificate.checkPrivateKey(createPrivateKey(config.users[0]?.clientKeyData ?? ''))).toBe(true);
    expect(new Date(certificate.validTo)).toEqual(new Date('2026-07-01T01:00:00Z'));
    expect(config.clusters[0]).toMatchObject({ proxyUrl: 'http://p', extra: { own: 'kept' } });
  });

  test('says what is missing and what an external CA keeps from it', async () => {
    await host.files.remove(`${pki}/front-proxy-client.crt`);
    await host.files.remove(`${dir}/scheduler.conf`);
    await host.files.remove(`${pki}/etcd/ca.key`);
    expect(await renew(input, 'front-proxy-client')).toBe('missing');
    expect(await renew(input, 'etcd-peer')).toBe('external');
    expect(await renew(input, 'scheduler.conf')).toBe('missing');
  });

  test('refuses a client certificate that stands in a file of its own', async () => {
    const path = `${dir}/admin.conf`;
    const text = await host.files.readText(path);
    await host.files.write(path, text.replace(/client-certificate-data: .*/, 'client-certificate: /x'), {
      mode: 0o600,
    });
    const renewing = renew(input, 'admin.conf');
    await expect(renewing).rejects.toThrow('no client certificate is embedded');
  });
});

describe('expiry', () => {
  const [year, decade] = [new Date('2027-01-02T03:04:05Z'), new Date('2035-12-31T03:04:05Z')];
  const list = async (cluster = base.cluster) => [
    ...(await leafExpiries(host, { cluster, renewable: renewableIn(cluster) }, emit)),
    ...(await authorityExpiries(host, cluster, emit)),
  ];

  test('lists leaves, kubeconfig files and authorities, and what of them is missing or external', async () => {
    await host.files.remove(`${pki}/etcd/ca.key`);
    await host.files.remove(`${pki}/apiserver.crt`);
    const expiries = await list();
    expect(expiries).toHaveLength(14);
    const one = (name: string) => expiries.find((expiry) => expiry.name === name);
    const inside = { authority: undefined, notAfter: decade, externallyManaged: false };
    expect(one('ca')).toEqual({ name: 'ca', ...inside });
    const external = { authority: 'etcd-ca', notAfter: year, externallyManaged: true };
    expect(one('etcd-peer')).toEqual({ name: 'etcd-peer', ...external });
    expect(one('apiserver')).toMatchObject({ notAfter: undefined, externallyManaged: false });
    expect(one('admin.conf')).toMatchObject({ authority: 'ca', notAfter: year });
  });

  test('leaves out the certificates of an external etcd', async () => {
    const external = { endpoints: [], httpEndpoints: [], caFile: '', certFile: '', keyFile: '' };
    const names = (await list({ ...base.cluster, etcd: { external } })).map(({ name }) => name);
    expect(names.filter((name) => name.includes('etcd'))).toEqual([]);
    expect(names).toHaveLength(9);
  });

  test('a certificate whose authority is missing has no expiry in the report', async () => {
    await host.files.remove(`${pki}/front-proxy-ca.crt`);
    await expect(list()).rejects.toThrow(`the certificate authority is missing: ${pki}/front-proxy-ca.crt`);
    await host.files.remove(`${pki}/front-proxy-client.crt`);
    expect((await list()).filter(({ notAfter }) => notAfter === undefined).map(({ name }) => name)).toEqual([
      'front-proxy-client',
      'front-proxy-ca',
    ]);
  });

  test('a folder in place of a certificate is not a certificate', async () => {
    await host.files.remove(`${pki}/apiserver.crt`);
    await host.files.makeDirectory(`${pki}/apiserver.crt`, 0o755);
    expect((await list()).find(({ name }) => name === 'apiserver')?.notAfter).toBeUndefined();
  });
});

test('signing requests are made with their keys', async () => {
  host = createMemoryHost({ hostname: 'cp1' });
  expect(await makeSigningRequests(host, base)).toHaveLength(7);
  expect(await makeKubeconfigRequests(host, { ...base, directory: dir })).toHaveLength(5);
  const files = host.snapshot();
  expect(files[`${pki}/etcd/server.csr`]).toMatchObject({
    mode: 0o600,
    text: expect.stringMatching(/^-----BEGIN CERTIFICATE REQUEST/),
  });
  expect(files[`${pki}/ca.key`]).toBeUndefined();
  const config = await loadKubeconfig(host, `${dir}/kubelet.conf`);
  expect(config.users).toEqual([
    { name: 'system:node:cp1', clientKeyData: expect.stringContaining('EC PRIVATE KEY') },
  ]);
  expect(config.clusters).toEqual([{ name: 'kubernetes', server: 'https://10.11.0.10:6443' }]);
});
