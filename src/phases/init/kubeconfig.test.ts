import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryHost, type MemoryHost } from '../../host/memory/index.ts';
import { checkExternalKubeconfigs } from '../../kubeconfig/external-ca.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { kubeconfigs } from '../../kubeconfig/table.ts';
import { checkExternalAuthority } from '../../pki/external-ca.ts';
import { certs } from './certs.ts';
import { type InputChanges, initInput, runPhase } from './input.fixture.ts';
import { kubeconfig } from './kubeconfig.ts';

const dir = '/etc/kubernetes';
const cluster = { encryptionAlgorithm: 'ECDSA-P256', controlPlaneEndpoint: 'lb.example' } as const;
const input = (changes: InputChanges = {}) =>
  initInput({ ...changes, cluster: { ...cluster, ...changes.cluster } });
const message = (error: unknown) => (error instanceof Error ? error.message : String(error));

let host: MemoryHost;
beforeEach(async () => {
  host = createMemoryHost({ hostname: 'cp1' });
  await runPhase(certs, input(), host);
});

const put = (path: string, text: string) => host.files.write(path, text, { mode: 0o600 });
const edit = async (file: string, from: string | RegExp, to: string) =>
  put(`${dir}/${file}`, (await host.files.readText(`${dir}/${file}`)).replace(from, to));

test('writes the five files with user, groups and server of each', async () => {
  await runPhase(kubeconfig, input(), host);
  const made = await Promise.all(
    ['admin', 'super-admin', 'kubelet', 'controller-manager', 'scheduler'].map(async (name) => {
      const config = await loadKubeconfig(host, `${dir}/${name}.conf`);
      const user = config.users[0];
      const certificate = new X509Certificate(user?.clientCertificateData ?? '');
      expect(certificate.checkPrivateKey(createPrivateKey(user?.clientKeyData ?? ''))).toBe(true);
      expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
      expect(config.clusters[0]?.certificateAuthorityData).toBe(
        await host.files.readText(`${dir}/pki/ca.crt`),
      );
      expect((await host.files.stat(`${dir}/${name}.conf`))?.mode).toBe(0o600);
      return [config.currentContext, certificate.subject, config.clusters[0]?.server];
    }),
  );
  const control = 'https://lb.example:6443';
  const local = 'https://10.11.0.10:6443';
  expect(made).toEqual([
    ['kubernetes-admin@kubernetes', 'O=kubeadm:cluster-admins\nCN=kubernetes-admin', control],
    ['kubernetes-super-admin@kubernetes', 'O=system:masters\nCN=kubernetes-super-admin', control],
    ['system:node:cp1@kubernetes', 'O=system:nodes\nCN=system:node:cp1', local],
    ['system:kube-controller-manager@kubernetes', 'CN=system:kube-controller-manager', local],
    ['system:kube-scheduler@kubernetes', 'CN=system:kube-scheduler', local],
  ]);
});

test('begins client certificates when the CA begins, not when the run does', async () => {
  const later = { ...input(), startTime: new Date('2026-06-01T00:00:00Z') };
  await runPhase(kubeconfig, later, host);
  const config = await loadKubeconfig(host, `${dir}/admin.conf`);
  const certificate = new X509Certificate(config.users[0]?.clientCertificateData ?? '');
  expect(new Date(certificate.validFrom)).toEqual(new Date('2026-01-02T02:59:05Z'));
  expect(new Date(certificate.validTo)).toEqual(new Date('2027-06-01T00:00:00Z'));
});

test('trusts only the first certificate of ca.crt', async () => {
  const first = await host.files.readText(`${dir}/pki/ca.crt`);
  await put(`${dir}/pki/ca.crt`, first + (await host.files.readText(`${dir}/pki/etcd/ca.crt`)));
  await runPhase(kubeconfig, input(), host);
  expect((await loadKubeconfig(host, `${dir}/admin.conf`)).clusters[0]?.certificateAuthorityData).toBe(first);
});

test('names the command that makes a missing CA', async () => {
  await host.files.remove(`${dir}/pki/ca.crt`);
  const { error } = await runPhase(kubeconfig, input(), host);
  expect(error).toMatchObject({
    code: 'certificate-missing',
    hint: expect.stringContaining('kubeadm init phase certs ca'),
  });
});

describe('with files there', () => {
  beforeEach(async () => {
    await runPhase(kubeconfig, input(), host);
  });

  test('keeps them', async () => {
    const before = host.snapshot();
    const { events, error } = await runPhase(kubeconfig, input(), host);
    expect(error).toBeUndefined();
    expect(host.snapshot()).toEqual(before);
    expect(events.filter(({ type }) => type === 'kubeconfig-existing')).toHaveLength(5);
  });

  test('only warns of another server, also when the CA stands in a file', async () => {
    await edit('admin.conf', 'https://lb.example:6443', 'https://me:hunter2@other:1');
    await edit('admin.conf', /certificate-authority-data: .*/, 'certificate-authority: pki/ca.crt');
    const { events, error } = await runPhase(kubeconfig, input(), host);
    expect(error).toBeUndefined();
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'warning', code: 'kubeconfig-server-differs' }),
    );
    expect(JSON.stringify(events)).not.toContain('hunter2');
  });

  test.each([
    [
      'trusts another CA',
      /certificate-authority-data: .*/,
      'certificate-authority: pki/etcd/ca.crt',
      /trusted CA/,
    ],
    ['trusts nothing', /certificate-authority-data: .*/, '', /CA certificate of cluster "kubernetes" cannot/],
    ['has another context', /current-context: .*/, 'current-context: x', /current context "x" is not one of/],
    ['misses its cluster', /cluster: kubernetes/, 'cluster: x', /the cluster "x" of its current context/],
    ['is not YAML', /^/, ': [', /admin\.conf, line 2: .*not YAML/],
    ['is another kind', 'kind: Config', 'kind: Pod', /kind must be Config/],
  ])('refuses one that %s', async (_name, from, to, expected) => {
    await edit('admin.conf', from, to);
    const before = host.snapshot();
    const { error } = await runPhase(kubeconfig, input(), host);
    expect(message(error)).toMatch(expected);
    expect(host.snapshot()).toEqual(before);
  });

  test('leaves them alone with an external CA, without looking', async () => {
    await host.files.remove(`${dir}/pki/ca.key`);
    const { events, error } = await runPhase(kubeconfig, { ...input(), externalCA: true }, host);
    expect(error).toBeUndefined();
    expect(events.filter(({ type }) => type === 'kubeconfig-skipped')).toHaveLength(5);
  });
});

describe('external authorities', () => {
  const directory = `${dir}/pki`;
  const emit = () => {};
  const check = (name: 'ca' | 'front-proxy-ca') => checkExternalAuthority(host, { name, directory, emit });
  const checkFiles = (changes: InputChanges = {}) =>
    checkExternalKubeconfigs(host, { ...input(changes), kubeconfigDir: dir, specs: kubeconfigs, emit });

  beforeEach(async () => {
    await runPhase(kubeconfig, input(), host);
  });

  test('are told by the missing key', async () => {
    expect([await check('ca'), await check('front-proxy-ca')]).toEqual([false, false]);
    await host.files.remove(`${directory}/ca.key`);
    await host.files.remove(`${directory}/front-proxy-ca.key`);
    expect([await check('ca'), await check('front-proxy-ca')]).toEqual([true, true]);
  });

  test('are not recognized when the certificate is missing, broken or of a leaf', async () => {
    await host.files.remove(`${directory}/ca.key`);
    await put(`${directory}/ca.crt`, await host.files.readText(`${directory}/apiserver.crt`));
    expect(await check('ca')).toBe(false);
    await put(`${directory}/ca.crt`, 'garbage');
    expect(await check('ca')).toBe(false);
    await host.files.remove(`${directory}/ca.crt`);
    expect(await check('ca')).toBe(false);
  });

  test('need all that they sign; every problem is named', async () => {
    await host.files.remove(`${directory}/ca.key`);
    await host.files.remove(`${directory}/apiserver.key`);
    await put(
      `${directory}/apiserver-kubelet-client.crt`,
      await host.files.readText(`${directory}/etcd/peer.crt`),
    );
    await expect(check('ca')).rejects.toThrow(
      /incomplete external CA: .*apiserver\.key.*; .*kubelet-client\.crt does/,
    );
  });

  test('need kubeconfig files that trust a certificate of ca.crt; the kubelet may use the common address', async () => {
    await edit('kubelet.conf', 'https://10.11.0.10:6443', 'https://lb.example:6443');
    await expect(checkFiles()).resolves.toBeUndefined();
    await host.files.remove(`${dir}/scheduler.conf`);
    await edit('admin.conf', /certificate-authority-data: .*/, 'certificate-authority: pki/etcd/ca.crt');
    await expect(checkFiles()).rejects.toThrow(/admin\.conf .*trusted CA.*; .*scheduler\.conf is missing/);
  });
});
