/** The phases that write to the cluster. Their objects are those that upstream's dry run prints. */
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../clients/kube/kube-client.ts';
import { unseal } from '../../cluster/upload-certs.ts';
import { clusterInfoRef } from '../../discovery/cluster-info.ts';
import { isSignedWith } from '../../discovery/jws.ts';
import { KubeApiError } from '../../errors.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import { bootstrapToken } from './bootstrap-token.ts';
import { caPem, certificateKey, controlPlaneHost, initInput, runPhase, token } from './input.fixture.ts';
import { markControlPlane } from './mark-control-plane.ts';
import { uploadCerts } from './upload-certs.ts';
import { uploadConfig } from './upload-config.ts';

const rbac = 'rbac.authorization.k8s.io';
const tokenGroup = { kind: 'Group', name: 'system:bootstrappers:kubeadm:default-node-token' };
const nodes = { kind: 'Group', name: 'system:nodes' };

/** All objects that the phase created, without the fields that the server adds. */
function written(host: MemoryHost): Record<string, unknown> {
  const bare = ({ apiVersion: _, kind: _kind, ...object }: KubeObject): unknown => {
    const {
      creationTimestamp: _c,
      name: _n,
      namespace: _ns,
      resourceVersion: _r,
      uid: _u,
      ...rest
    } = object.metadata;
    const { metadata: _m, ...fields } = object;
    return Object.keys(rest).length === 0 ? fields : { ...fields, metadata: rest };
  };
  const own = host.api
    .all()
    .filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.name !== 'kubeadm:cluster-admins');
  return Object.fromEntries(
    own.map((object) => [
      [object.kind, object.metadata.namespace ?? '', object.metadata.name].join('/'),
      bare(object),
    ]),
  );
}

function role(resource: string, name: string): unknown {
  return { rules: [{ verbs: ['get'], apiGroups: [''], resources: [resource], resourceNames: [name] }] };
}

function binding(kind: string, name: string, subjects: readonly unknown[]): unknown {
  return { roleRef: { apiGroup: rbac, kind, name }, subjects };
}

describe('upload-config', () => {
  test('stores both configurations and who may read them', async () => {
    const host = controlPlaneHost();
    expect((await runPhase(uploadConfig, initInput(), host)).error).toBeUndefined();
    expect(written(host)).toEqual({
      'ConfigMap/kube-system/kubeadm-config': {
        data: { ClusterConfiguration: expect.stringContaining('kubernetesVersion: v1.36.2\n') },
      },
      'Role/kube-system/kubeadm:nodes-kubeadm-config': role('configmaps', 'kubeadm-config'),
      'RoleBinding/kube-system/kubeadm:nodes-kubeadm-config': binding(
        'Role',
        'kubeadm:nodes-kubeadm-config',
        [tokenGroup, nodes],
      ),
      'ConfigMap/kube-system/kubelet-config': {
        data: { kubelet: 'healthzBindAddress: 127.0.0.1\nhealthzPort: 10248\nkind: KubeletConfiguration\n' },
        metadata: {
          annotations: {
            'kubeadm.kubernetes.io/component-config.hash': expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
          },
        },
      },
      'Role/kube-system/kubeadm:kubelet-config': role('configmaps', 'kubelet-config'),
      'RoleBinding/kube-system/kubeadm:kubelet-config': binding('Role', 'kubeadm:kubelet-config', [
        nodes,
        tokenGroup,
      ]),
    });
  });

  test('signs no kubelet configuration of the user, and keeps other keys of kubeadm-config', async () => {
    const host = controlPlaneHost();
    const metadata = { name: 'kubeadm-config', namespace: 'kube-system' };
    host.api.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { other: 'x', ClusterConfiguration: 'old' },
    });
    const kubelet = { data: { kind: 'KubeletConfiguration' }, userSupplied: true };
    expect((await runPhase(uploadConfig, initInput({ kubelet }), host)).error).toBeUndefined();
    const objects = written(host);
    expect(objects['ConfigMap/kube-system/kubelet-config']).toEqual({
      data: { kubelet: 'kind: KubeletConfiguration\n' },
    });
    expect(objects['ConfigMap/kube-system/kubeadm-config']).toMatchObject({
      data: {
        other: 'x',
        ClusterConfiguration: expect.stringContaining('apiVersion: kubeadm.k8s.io/v1beta4'),
      },
    });
  });
});

describe('upload-certs', () => {
  const options = { uploadCerts: true };
  const pki = {
    '/etc/kubernetes/pki/ca.crt': caPem,
    '/etc/kubernetes/pki/ca.key': 'the private key',
    '/etc/kubernetes/pki/etcd/ca.crt': 'etcd',
  };

  test('does nothing without --upload-certs', async () => {
    const host = controlPlaneHost({ files: pki });
    const { events } = await runPhase(uploadCerts, initInput(), host);
    expect(events).toEqual([
      { type: 'progress', topic: 'upload-certs', message: 'Skipping phase. Please see --upload-certs' },
    ]);
    expect(host.api.requests).toEqual([]);
  });

  test('seals the files under an owner that lives two hours', async () => {
    const host = controlPlaneHost({ files: pki });
    const { events, error } = await runPhase(uploadCerts, initInput({ options }), host);
    expect(error).toBeUndefined();
    const secrets = host.api.list('v1', 'Secret');
    const owner = secrets.find(({ metadata }) => metadata.name.startsWith('bootstrap-token-'));
    const certs = secrets.find(({ metadata }) => metadata.name === 'kubeadm-certs');
    const text = (value: unknown) => Buffer.from(String(value), 'base64').toString();
    const ownerData = Object.entries(owner?.data as object).map(([key, value]) => [key, text(value)]);
    expect(Object.fromEntries(ownerData)).toEqual({
      description: 'Proxy for managing TTL for the kubeadm-certs secret',
      expiration: '2026-01-02T05:04:05Z',
      'token-id': expect.stringMatching(/^[a-z0-9]{6}$/),
      'token-secret': expect.stringMatching(/^[a-z0-9]{16}$/),
    });
    expect(certs?.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        name: owner?.metadata.name,
        uid: owner?.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    const data = certs?.data as Record<string, string | null>;
    const opened = Object.entries(data).map(([key, value]) => [
      key,
      value === null ? null : Buffer.from(unseal(Buffer.from(value, 'base64'), certificateKey)).toString(),
    ]);
    expect(Object.fromEntries(opened)).toEqual({
      'ca.crt': caPem,
      'ca.key': 'the private key',
      'etcd-ca.crt': 'etcd',
      'etcd-ca.key': null,
      'front-proxy-ca.crt': null,
      'front-proxy-ca.key': null,
      'sa.key': null,
      'sa.pub': null,
    });
    expect(written(host)).toMatchObject({
      'Role/kube-system/kubeadm:kubeadm-certs': role('secrets', 'kubeadm-certs'),
      'RoleBinding/kube-system/kubeadm:kubeadm-certs': binding('Role', 'kubeadm:kubeadm-certs', [tokenGroup]),
    });
    expect(events.at(-1)).toEqual({ type: 'certificate-key', key: certificateKey });
  });

  test('keeps the key to itself where it is told to, and when it fails', async () => {
    const input = initInput({ options: { ...options, skipCertificateKeyPrint: true } });
    const hidden = await runPhase(uploadCerts, input, controlPlaneHost());
    expect(JSON.stringify(hidden)).not.toContain(certificateKey);
    const host = controlPlaneHost();
    host.api.reachable = false;
    const failed = await runPhase(uploadCerts, initInput({ options }), host);
    expect(failed.error).toMatchObject({ code: 'timeout' });
    expect(JSON.stringify(failed)).not.toContain(certificateKey);
  });
});

describe('mark-control-plane', () => {
  test('labels and taints the Node', async () => {
    const host = controlPlaneHost();
    const labels = { 'kubernetes.io/hostname': 'cp1' };
    host.api.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'cp1', labels } });
    const { events, error } = await runPhase(markControlPlane, initInput(), host);
    expect(error).toBeUndefined();
    expect(events.map((event) => 'message' in event && event.message)).toEqual([
      'Marking the node cp1 as control-plane by adding the labels: [node-role.kubernetes.io/control-plane node.kubernetes.io/exclude-from-external-load-balancers]',
      'Marking the node cp1 as control-plane by adding the taints [node-role.kubernetes.io/control-plane:NoSchedule]',
    ]);
    expect(host.api.get({ apiVersion: 'v1', kind: 'Node', name: 'cp1' })).toMatchObject({
      metadata: {
        labels: {
          'kubernetes.io/hostname': 'cp1',
          'node-role.kubernetes.io/control-plane': '',
          'node.kubernetes.io/exclude-from-external-load-balancers': '',
        },
      },
      spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] },
    });
  });

  test('warns about a Node that never gets its hostname label, as a success', async () => {
    const host = controlPlaneHost();
    host.api.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'cp1' } });
    const { events, error } = await runPhase(markControlPlane, initInput(), host);
    expect(error).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: 'warning', code: 'node-not-marked' });
  });
});

describe('bootstrap-token', () => {
  test('writes the token, cluster-info with the server of admin.conf, and all grants', async () => {
    const host = controlPlaneHost();
    const { events, error } = await runPhase(bootstrapToken, initInput(), host);
    expect(error).toBeUndefined();
    const ca = Buffer.from(caPem).toString('base64');
    const clusterBinding = (name: string, subject: unknown) => binding('ClusterRole', name, [subject]);
    const csr = 'system:certificates.k8s.io:certificatesigningrequests';
    expect(written(host)).toEqual({
      'Secret/kube-system/bootstrap-token-abcdef': {
        type: 'bootstrap.kubernetes.io/token',
        data: expect.objectContaining({ 'token-secret': 'MDEyMzQ1Njc4OWFiY2RlZg==' }),
      },
      'ClusterRole//kubeadm:get-nodes': {
        rules: [{ verbs: ['get'], apiGroups: [''], resources: ['nodes'] }],
      },
      'ClusterRoleBinding//kubeadm:get-nodes': clusterBinding('kubeadm:get-nodes', tokenGroup),
      'ClusterRoleBinding//kubeadm:kubelet-bootstrap': clusterBinding('system:node-bootstrapper', tokenGroup),
      'ClusterRoleBinding//kubeadm:node-autoapprove-bootstrap': clusterBinding(
        `${csr}:nodeclient`,
        tokenGroup,
      ),
      'ClusterRoleBinding//kubeadm:node-autoapprove-certificate-rotation': clusterBinding(
        `${csr}:selfnodeclient`,
        nodes,
      ),
      'ClusterRoleBinding//kubeadm:apiserver-kubelet-client': clusterBinding('system:kubelet-api-admin', {
        kind: 'User',
        name: 'kube-apiserver-kubelet-client',
      }),
      'ConfigMap/kube-public/cluster-info': {
        data: {
          kubeconfig:
            `apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: ${ca}\n` +
            '    server: https://lb.example:7443\n  name: ""\ncontexts: null\ncurrent-context: ""\n' +
            'kind: Config\nusers: null\n',
          'jws-kubeconfig-abcdef': expect.stringMatching(/^[\w-]+\.\.[\w-]+$/),
        },
      },
      'Role/kube-public/kubeadm:bootstrap-signer-clusterinfo': role('configmaps', 'cluster-info'),
      'RoleBinding/kube-public/kubeadm:bootstrap-signer-clusterinfo': binding(
        'Role',
        'kubeadm:bootstrap-signer-clusterinfo',
        [{ kind: 'User', name: 'system:anonymous' }],
      ),
    });
    expect(events[0]).toEqual({ type: 'bootstrap-token-in-use', id: token.slice(0, 6) });
  });

  test('signs cluster-info with the tokens for joining nodes, and with no other ones', async () => {
    const host = controlPlaneHost();
    const given = initInput();
    const [first] = given.init.bootstrapTokens;
    const other = 'fedcba.fedcba9876543210';
    const bootstrapTokens = [first, { ...first, token: other, usages: ['authentication'] }];
    const input = { ...given, init: { ...given.init, bootstrapTokens } } as typeof given;
    await runPhase(bootstrapToken, input, host);
    const { data } = host.api.get(clusterInfoRef);
    const { kubeconfig, ...signatures } = data as Readonly<Record<string, string>>;
    expect(Object.keys(signatures)).toEqual(['jws-kubeconfig-abcdef']);
    expect(isSignedWith(token, signatures['jws-kubeconfig-abcdef'] ?? '', kubeconfig ?? '')).toBe(true);
  });

  test('does not print the token where it is told to, and replaces what was there', async () => {
    const host = controlPlaneHost();
    await runPhase(bootstrapToken, initInput(), host);
    const before = written(host);
    const input = initInput({ options: { skipTokenPrint: true } });
    const again = await runPhase(bootstrapToken, input, host);
    expect(again.error).toBeUndefined();
    expect(JSON.stringify(again)).not.toContain(token);
    expect(written(host)).toEqual(before);
  });

  test('waits for the kube-public namespace', async () => {
    const host = controlPlaneHost();
    host.api.intercept = ({ namespace }) =>
      namespace === 'kube-public' && host.clock.monotonic() < 2000
        ? new KubeApiError(404, 'NotFound', 'namespaces "kube-public" not found')
        : undefined;
    expect((await runPhase(bootstrapToken, initInput(), host)).error).toBeUndefined();
    expect(host.clock.monotonic()).toBeLessThan(2200);
  });
});
