import { describe, expect, test } from 'vitest';
import { KubeApiError } from '../../errors.ts';
import type { KubeadmEvent } from '../../events.ts';
import { createMemoryHost } from '../../host/memory/index.ts';
import { textFingerprint } from '../../pki/fingerprint.ts';
import { buildResetInput } from './build-input.ts';
import { resetInput } from './reset.fixture.ts';

const adminConf = `apiVersion: v1
kind: Config
current-context: admin
clusters:
- name: kubernetes
  cluster: {server: 'https://10.0.0.5:6443'}
contexts:
- name: admin
  context: {cluster: kubernetes, user: admin}
users:
- name: admin
  user: {token: x}
`;

const clusterConfiguration = `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
certificatesDir: /srv/pki
etcd:
  local:
    dataDir: /data/etcd
`;

function machine({ node = true, controlPlane = true } = {}) {
  const manifest = controlPlane ? { '/etc/kubernetes/manifests/kube-apiserver.yaml': '' } : {};
  const host = createMemoryHost({ files: { '/etc/kubernetes/admin.conf': adminConf, ...manifest } });
  const namespace = 'kube-system';
  host.api.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kubeadm-config', namespace },
    data: { ClusterConfiguration: clusterConfiguration },
  });
  if (node) host.api.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node1' } });
  host.api.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'kube-apiserver-node1',
      namespace,
      labels: { component: 'kube-apiserver', tier: 'control-plane' },
      annotations: { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': '10.0.0.5:6443' },
    },
    spec: { nodeName: 'node1' },
  });
  return host;
}

async function build(host: ReturnType<typeof machine>, path = '/etc/kubernetes/admin.conf') {
  const events: KubeadmEvent[] = [];
  const { cluster: _, ...given } = resetInput();
  const emit = (event: KubeadmEvent) => events.push(event);
  const { signal } = new AbortController();
  return { input: await buildResetInput(given, path, { host, emit, signal }), events };
}

describe('buildResetInput', () => {
  test('asks the cluster for its configuration and for this node', async () => {
    const { input } = await build(machine());
    expect(input.cluster).toMatchObject({
      configuration: { certificatesDir: '/srv/pki', etcd: { local: { dataDir: '/data/etcd' } } },
      advertiseAddress: '10.0.0.5',
    });
    expect(input.certificatesDir).toBe('/etc/kubernetes/pki');
  });

  test('asks for no endpoint on a node without control plane', async () => {
    const { input } = await build(machine({ controlPlane: false }));
    expect(input.cluster?.advertiseAddress).toBe('');
  });

  test('goes on without the cluster, with a warning', async () => {
    const host = machine();
    host.api.reachable = false;
    const { input, events } = await build(host);
    expect(input.cluster).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: 'warning', code: 'cluster-configuration-not-read' });
  });

  test('a server that is busy for half a minute does not make it forget the cluster', async () => {
    for (const status of [429, 503]) {
      const host = machine();
      host.api.intercept = () =>
        host.clock.monotonic() < 30_000
          ? new KubeApiError(status, 'TooManyRequests', 'try again')
          : undefined;
      const { input, events } = await build(host);
      expect(input.cluster?.advertiseAddress).toBe('10.0.0.5');
      expect(events).toContainEqual(expect.objectContaining({ type: 'waiting', timeoutMs: 60_000 }));
    }
  });

  test('remembers the kubeconfig of a silent cluster that other machines serve', async () => {
    const kubeconfig = adminConf.replace('10.0.0.5', '10.0.0.100');
    const elsewhere = { '/etc/kubernetes/admin.conf': kubeconfig };
    const record = {
      command: 'init',
      startedAt: '',
      fingerprints: { '/etc/kubernetes/admin.conf': textFingerprint(kubeconfig) },
      secrets: {},
      documents: 'kind: InitConfiguration',
    };
    const unfinished = { '/var/lib/kubeadm/unfinished-run.json': JSON.stringify({ format: 2, ...record }) };
    for (const [files, expected] of [
      [{}, undefined],
      [elsewhere, expect.objectContaining({ currentContext: 'admin' })],
      [{ ...elsewhere, ...unfinished }, undefined],
    ] as const) {
      const host = machine();
      host.disk.put(files);
      host.api.reachable = false;
      expect((await build(host)).input.silentCluster).toEqual(expected);
    }
  });

  test.each([
    ['the Node', 'get', 'Node', 429],
    ['the Pods', 'list', 'Pod', 503],
  ])('one refused request for %s does not make it forget the cluster', async (_, verb, kind, status) => {
    const host = machine();
    let refusals = 1;
    host.api.intercept = (request) => {
      if (request.verb !== verb || request.kind !== kind || refusals-- <= 0) return undefined;
      return new KubeApiError(status, 'TooManyRequests', 'try again');
    };
    const { input, events } = await build(host);
    expect(input.cluster?.advertiseAddress).toBe('10.0.0.5');
    expect(events).toContainEqual(expect.objectContaining({ type: 'waiting' }));
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  test.each([
    ['kube-apiserver', '[kube-apiserver, --advertise-address=10.0.0.7]', '10.0.0.7'],
    ['etcd', "[etcd, '--initial-advertise-peer-urls=https://[fd00::5]:2380']", 'fd00::5'],
  ])(
    'takes the address from the manifest of %s without a wait for the Pod',
    async (name, command, address) => {
      const host = machine({ node: false });
      host.api.delete({
        apiVersion: 'v1',
        kind: 'Pod',
        name: 'kube-apiserver-node1',
        namespace: 'kube-system',
      });
      host.disk.put({
        [`/etc/kubernetes/manifests/${name}.yaml`]: `spec: {containers: [{command: ${command}}]}\n`,
      });
      const { input, events } = await build(host);
      expect(input.cluster?.advertiseAddress).toBe(address);
      expect(host.clock.monotonic()).toBe(0);
      expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
    },
  );

  test('goes on without the address, with a warning, when the Node was deleted and no manifest has it', async () => {
    const { input, events } = await build(machine({ node: false }));
    expect(input.cluster).toMatchObject({ advertiseAddress: '', configuration: expect.anything() });
    expect(events.at(-1)).toMatchObject({ type: 'warning', code: 'api-endpoint-unknown' });
  });

  test('does not ask without a kubeconfig that names a cluster', async () => {
    const host = machine();
    host.disk.put({ '/empty': '', '/bare': 'apiVersion: v1\nkind: Config\n', '/broken': '{' });
    for (const path of ['/nowhere', '/empty', '/bare', '/broken']) {
      const { input, events } = await build(host, path);
      expect(input.cluster).toBeUndefined();
      expect(events).toEqual([expect.objectContaining({ type: 'detail' })]);
    }
    expect(host.api.requests).toEqual([]);
  });
});
