import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';

import type { ClusterConfiguration } from '../config/hub.ts';
import { defaultInit } from '../config/v1beta4/defaults.ts';
import { messageOf } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { plainCluster } from '../manifests/manifest-input.fixture.ts';
import { ensureAuthority } from './ca.ts';
import { authoritySpec, leaves } from './certificates.ts';
import type { PkiInput } from './issue.ts';
import { ensureJoiningCertificates } from './joining-node.ts';
import { ensureLeaf } from './leaf.ts';
import { ensureServiceAccountKey } from './sa.ts';

const pki = '/etc/kubernetes/pki';
const cluster: ClusterConfiguration = { ...plainCluster, encryptionAlgorithm: 'ECDSA-P256' };

function nodeInput(name = 'cp2', address = '10.0.0.6', change: Partial<ClusterConfiguration> = {}): PkiInput {
  const init = defaultInit({
    nodeRegistration: { name, criSocket: 'unix:///run/containerd/containerd.sock', taints: [] },
    localAPIEndpoint: { advertiseAddress: address },
  });
  return { cluster: { ...cluster, ...change }, init, startTime: new Date('2026-01-02T03:04:05Z') };
}

let host: MemoryHost;
let events: KubeadmEvent[];
const emit = (event: KubeadmEvent) => void events.push(event);

beforeEach(async () => {
  host = createMemoryHost();
  events = [];
  for (const name of ['ca', 'front-proxy-ca', 'etcd-ca'] as const)
    await ensureAuthority(host, nodeInput(), authoritySpec(name), () => undefined);
  await ensureServiceAccountKey(host, nodeInput(), () => undefined);
});

const join = async (input = nodeInput(), newAuthorities = false): Promise<unknown> =>
  await ensureJoiningCertificates(host, { input, newAuthorities, emit }).catch((error: unknown) => error);
const makeAll = async (input: PkiInput): Promise<void> => {
  for (const spec of leaves()) await ensureLeaf(host, input, spec, () => undefined);
};
const read = async (name: string) => new X509Certificate(await host.files.read(`${pki}/${name}`));
const existing = () => events.flatMap((event) => (event.type === 'certificate-existing' ? event.name : []));
const generated = () => events.flatMap((event) => (event.type === 'certificate-generated' ? event.name : []));
const leafNames = leaves().map(({ baseName }) => baseName);

describe('a control plane that joins', () => {
  test('gets certificates that the authorities of the cluster have signed, for its own name and address', async () => {
    const before = host.snapshot(pki);
    expect(await join()).toBeUndefined();
    expect(generated()).toEqual(leafNames);
    const apiserver = await read('apiserver.crt');
    expect(apiserver.checkIssued(await read('ca.crt'))).toBe(true);
    expect(apiserver.subjectAltName).toMatch(/DNS:cp2,.*IP Address:10\.0\.0\.6/);
    expect((await read('etcd/peer.crt')).checkIssued(await read('etcd/ca.crt'))).toBe(true);
    const key = createPrivateKey(await host.files.readText(`${pki}/apiserver.key`));
    expect(apiserver.checkPrivateKey(key)).toBe(true);
    expect(host.snapshot(pki)).toMatchObject(before);
    expect(events.at(-2)).toEqual({ type: 'certificates-complete', directory: pki });
    expect(events.at(-1)).toMatchObject({ type: 'certificate-existing', kind: 'sa' });
  });

  test('keeps the certificates that it has, and makes the others', async () => {
    await makeAll(nodeInput());
    await host.files.remove(`${pki}/etcd/peer.crt`);
    await host.files.remove(`${pki}/etcd/peer.key`);
    expect(await join()).toBeUndefined();
    expect(generated()).toEqual(['etcd/peer']);
    expect(existing()).toEqual([...leafNames.filter((name) => name !== 'etcd/peer'), 'sa']);
  });

  test('needs no certificates of etcd if etcd is external', async () => {
    await host.files.removeTree(`${pki}/etcd`);
    const external = {
      endpoints: ['http://10.0.0.2:2379'],
      httpEndpoints: [],
      caFile: '',
      certFile: '',
      keyFile: '',
    };
    expect(await join(nodeInput('cp2', '10.0.0.6', { etcd: { external } }))).toBeUndefined();
    expect(generated()).toEqual(['apiserver', 'apiserver-kubelet-client', 'front-proxy-client']);
  });
});

describe('given certificates are refused before anything is written', () => {
  const refusal = async (input = nodeInput()): Promise<string> => {
    const before = host.snapshot(pki);
    const error = await join(input);
    expect(error).toMatchObject({ code: 'certificate-invalid', hint: expect.stringContaining('Remove') });
    expect(host.snapshot(pki)).toEqual(before);
    return messageOf(error);
  };

  test('if they are of another node, with all names that they do not have', async () => {
    await makeAll(nodeInput('cp1', '10.0.0.5'));
    await host.files.remove(`${pki}/front-proxy-client.crt`);
    await host.files.remove(`${pki}/front-proxy-client.key`);
    const message = await refusal();
    for (const name of ['apiserver', 'etcd/server', 'etcd/peer'])
      expect(message).toContain(`${pki}/${name}.crt is not valid for cp2, 10.0.0.6`);
    expect(message).not.toContain('healthcheck');
  });

  test('if the address of the control plane endpoint is missing', async () => {
    await makeAll(nodeInput());
    const input = nodeInput('cp2', '10.0.0.6', { controlPlaneEndpoint: 'lb.example:6443' });
    expect(await refusal(input)).toMatch(/apiserver\.crt is not valid for lb\.example$/);
  });

  test('if the key is missing or that of another certificate', async () => {
    await makeAll(nodeInput());
    await host.files.remove(`${pki}/apiserver.key`);
    const { privateKey } = await host.keys.generate('ECDSA-P384');
    await host.files.write(`${pki}/etcd/server.key`, privateKey, { mode: 0o600 });
    const message = await refusal();
    expect(message).toMatch(/apiserver\.key/);
    expect(message).toMatch(/etcd\/server\.key is not the key of .*etcd\/server\.crt/);
  });

  test('if another authority has signed them', async () => {
    await makeAll(nodeInput());
    await host.files.remove(`${pki}/ca.crt`);
    await host.files.remove(`${pki}/ca.key`);
    await ensureAuthority(host, nodeInput(), authoritySpec('ca'), () => undefined);
    expect(await refusal()).toMatch(/apiserver\.crt does not lead to the authority .*ca\.crt/);
  });

  test('if a key has no certificate, or an authority is not one', async () => {
    await makeAll(nodeInput());
    await host.files.remove(`${pki}/apiserver.crt`);
    const leaf = await host.files.readText(`${pki}/front-proxy-client.crt`);
    await host.files.write(`${pki}/front-proxy-ca.crt`, leaf, { mode: 0o644 });
    const message = await refusal();
    expect(message).toMatch(/apiserver\.key is there, but its certificate .* is not/);
    expect(message).toMatch(/front-proxy-ca\.crt is not the certificate of an authority/);
  });
});

describe('shared files of the cluster', () => {
  test('are never made anew, and all that are missing are named', async () => {
    for (const name of ['ca.crt', 'ca.key', 'etcd/ca.crt', 'etcd/ca.key', 'sa.key'])
      await host.files.remove(`${pki}/${name}`);
    const before = host.snapshot(pki);
    const error = await join();
    expect(messageOf(error)).toMatch(/are not on this node: .*\/ca\.crt, .*\/etcd\/ca\.crt, .*\/sa\.key$/);
    expect(error).toMatchObject({
      code: 'certificate-missing',
      hint: expect.stringContaining('--certificate-key'),
    });
    expect(host.snapshot(pki)).toEqual(before);
  });

  test('are made in a dry run that has no cluster', async () => {
    await host.files.removeTree(pki);
    expect(await join(nodeInput(), true)).toBeUndefined();
    expect((await read('apiserver.crt')).checkIssued(await read('ca.crt'))).toBe(true);
    expect(generated()).toHaveLength(11);
  });
});

describe('an external authority', () => {
  test('needs every certificate that it signs', async () => {
    await makeAll(nodeInput());
    await host.files.remove(`${pki}/ca.key`);
    expect(await join()).toBeUndefined();
    await host.files.remove(`${pki}/apiserver-kubelet-client.crt`);
    expect(messageOf(await join())).toMatch(
      /apiserver-kubelet-client\.crt is missing, and the key of .*\/ca\.crt is not on this node/,
    );
  });

  test('has chosen the names, so that a missing one is only a warning', async () => {
    await makeAll(nodeInput('cp1', '10.0.0.5'));
    for (const name of ['ca', 'etcd/ca']) await host.files.remove(`${pki}/${name}.key`);
    expect(await join()).toBeUndefined();
    const warnings = events.filter((event) => event.type === 'warning');
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toMatchObject({
      code: 'certificate-names-missing',
      message: `${pki}/apiserver.crt is not valid for cp2, 10.0.0.6`,
    });
  });
});
