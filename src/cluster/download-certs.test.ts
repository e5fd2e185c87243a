import { beforeEach, describe, expect, test } from 'vitest';

import type { KubeObject } from '../clients/kube/kube-client.ts';
import type { ClusterConfiguration } from '../config/hub.ts';
import { KubeApiError, messageOf } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { adminKubeconfig } from '../kubeconfig/kubeconfig.fixture.ts';
import { plainCluster } from '../manifests/manifest-input.fixture.ts';
import { downloadCertificates } from './download-certs.ts';
import { uploadCertificates } from './upload-certs.ts';

const key = 'ab'.repeat(32);
const pki = '/etc/kubernetes/pki';
const pem = (type: string, text: string) =>
  `-----BEGIN ${type}-----\n${Buffer.from(text).toString('base64')}\n-----END ${type}-----\n`;

let first: MemoryHost;
let node: MemoryHost;
let events: KubeadmEvent[];

/** The client of the joining node talks to the API server of the first one. */
const client = () => first.kube(adminKubeconfig);
const policy = () => ({ clock: node.clock, timeoutMs: 60_000 });

async function upload(cluster: ClusterConfiguration, certificateKey = key): Promise<void> {
  const uploadToken = 'abcdef.0123456789abcdef';
  const options = { cluster, certificateKey, uploadToken, now: first.clock.now(), policy: policy() };
  await uploadCertificates(first, client(), options);
}

async function download(cluster: ClusterConfiguration, certificateKey = key): Promise<unknown> {
  const emit = (event: KubeadmEvent) => void events.push(event);
  const options = { cluster, certificateKey, policy: policy(), emit };
  return await downloadCertificates(node.files, client(), options).catch((error: unknown) => error);
}

const written = () =>
  Object.fromEntries(
    Object.entries(node.snapshot(pki))
      .filter(([path]) => !path.endsWith('/'))
      .map(([path, { text, mode }]) => [path.slice(pki.length + 1), [mode, text]]),
  );

const sealedKeys = (change: (data: Record<string, unknown>) => Record<string, unknown>) => {
  const ref = { apiVersion: 'v1', kind: 'Secret', name: 'kubeadm-certs', namespace: 'kube-system' };
  const found = first.api.find(ref) as KubeObject & { data: Record<string, unknown> };
  first.api.update({ ...found, data: change(found.data) });
};

let shared: Record<string, string>;
beforeEach(async () => {
  first = createMemoryHost();
  node = createMemoryHost();
  events = [];
  const { privateKey, publicKey } = await first.keys.generate('ECDSA-P256');
  const certificate = pem('CERTIFICATE', 'a certificate');
  shared = {
    'ca.crt': certificate,
    'ca.key': privateKey,
    'front-proxy-ca.crt': certificate,
    'front-proxy-ca.key': privateKey,
    'sa.pub': publicKey,
    'sa.key': privateKey,
    'etcd/ca.crt': certificate,
    'etcd/ca.key': privateKey,
  };
  for (const [name, text] of Object.entries(shared))
    await first.files.write(`${pki}/${name}`, text, { mode: 0o600, directoryMode: 0o755 });
});

describe('the download of the certificates', () => {
  test('writes the files that were uploaded, and only keys are private', async () => {
    await upload(plainCluster);
    expect(await download(plainCluster)).toBeUndefined();
    expect(written()).toEqual(
      Object.fromEntries(
        Object.entries(shared).map(([name, text]) => [name, [name.endsWith('.key') ? 0o600 : 0o644, text]]),
      ),
    );
    expect(events.map((event) => (event.type === 'progress' ? event.message : event.type))).toEqual([
      'Downloading the certificates in Secret "kubeadm-certs" in the "kube-system" Namespace',
      `Saving the certificates to the folder: "${pki}"`,
    ]);
  });

  test('replaces the files of another cluster', async () => {
    await upload(plainCluster);
    await node.files.write(`${pki}/ca.crt`, 'of another cluster', { mode: 0o644, directoryMode: 0o755 });
    await download(plainCluster);
    expect(written()['ca.crt']).toEqual([0o644, shared['ca.crt']]);
  });

  test('skips the keys that an external CA keeps', async () => {
    await first.files.remove(`${pki}/ca.key`);
    await upload(plainCluster);
    expect(await download(plainCluster)).toBeUndefined();
    expect(Object.keys(written())).toEqual(expect.not.arrayContaining(['ca.key']));
    expect(Object.keys(written())).toHaveLength(7);
  });

  test('writes the client certificate of an external etcd, and nothing for one without TLS', async () => {
    const external = {
      endpoints: ['http://10.0.0.2:2379'],
      httpEndpoints: [],
      caFile: '/e/ca.crt',
      certFile: '/e/client.crt',
      keyFile: '/e/client.key',
    };
    const tls = { ...plainCluster, etcd: { external } };
    for (const [path, name] of [
      ['/e/ca.crt', 'ca.crt'],
      ['/e/client.crt', 'ca.crt'],
      ['/e/client.key', 'ca.key'],
    ] as const)
      await first.files.write(path, shared[name] ?? '', { mode: 0o600, directoryMode: 0o755 });
    await upload(tls);
    expect(await download(tls)).toBeUndefined();
    expect(node.snapshot('/e')).toMatchObject({
      '/e/client.key': { mode: 0o600, text: shared['ca.key'] },
    });
    node = createMemoryHost();
    const plain = {
      ...plainCluster,
      etcd: { external: { ...external, caFile: '', certFile: '', keyFile: '' } },
    };
    await upload(plain);
    expect(await download(plain)).toBeUndefined();
    expect(Object.keys(written())).toHaveLength(6);
  });
});

describe('a download that cannot succeed writes nothing and says what to do', () => {
  const uploadHint = expect.stringContaining('kubeadm init phase upload-certs --upload-certs');

  test('if the Secret has expired', async () => {
    const error = await download(plainCluster);
    expect(messageOf(error)).toMatch(/kubeadm-certs was not found: .*expired two hours after/);
    expect(error).toMatchObject({ code: 'certificate-missing', hint: uploadHint });
    expect(node.clock.monotonic()).toBe(0);
  });

  test('if the certificate key is that of another upload', async () => {
    await upload(plainCluster);
    const error = await download(plainCluster, 'cd'.repeat(32));
    expect(messageOf(error)).toMatch(/^the certificate key is not the one with which .* were encrypted$/);
    expect(error).toMatchObject({ code: 'certificate-invalid', hint: uploadHint });
    expect(JSON.stringify([events, error])).not.toContain('cdcd');
    expect(written()).toEqual({});
  });

  test('if one value is damaged', async () => {
    await upload(plainCluster);
    sealedKeys((data) => ({ ...data, 'sa.key': data['ca.key'], 'ca.key': 'AAAA' }));
    expect(messageOf(await download(plainCluster))).toMatch(/is damaged: ca\.key cannot be decrypted/);
    expect(written()).toEqual({});
  });

  test('if a key of the Secret is missing', async () => {
    await upload(plainCluster);
    sealedKeys(({ 'etcd-ca.key': _, ...data }) => data);
    const error = await download(plainCluster);
    expect(messageOf(error)).toBe(
      `Secret kube-system/kubeadm-certs does not have the key etcd-ca.key, which ${pki}/etcd/ca.key needs`,
    );
    expect(written()).toEqual({});
  });

  test('if a value is neither a certificate nor a key', async () => {
    await first.files.write(`${pki}/sa.pub`, 'nothing', { mode: 0o600 });
    await upload(plainCluster);
    expect(messageOf(await download(plainCluster))).toContain('sa.pub');
    expect(written()).toEqual({});
  });

  test.each([
    [401, 'Unauthorized', 0],
    [403, 'Forbidden', 2000],
  ])('if the token is refused with %i', async (status, reason, waited) => {
    first.api.intercept = () => new KubeApiError(status, reason, 'no');
    const error = await download(plainCluster);
    expect(error).toMatchObject({ code: 'kube-api', hint: expect.stringContaining('kubeadm token create') });
    expect(node.clock.monotonic()).toBeGreaterThanOrEqual(waited);
    expect(node.clock.monotonic()).toBeLessThan(waited + 200);
  });
});

test('the download of the certificates survives an API server that is away for a while', async () => {
  await upload(plainCluster);
  first.api.intercept = () =>
    node.clock.monotonic() < 20_000 ? new KubeApiError(503, 'ServiceUnavailable', 'starting') : undefined;
  expect(await download(plainCluster)).toBeUndefined();
  expect(Object.keys(written())).toHaveLength(8);
});
