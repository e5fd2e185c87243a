import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MemoryHost } from '../../host/memory/index.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { parseKubeconfig } from '../../kubeconfig/parse.ts';
import { at } from '../../lib/is-record.ts';
import {
  attempt,
  bootstrapConf,
  control,
  cp2,
  cp3,
  etcdManifest,
  expectedFiles,
  members,
  text,
  written,
} from './attempt.fixture.ts';
import {
  certificateKey,
  controlPlaneFields,
  controlPlaneMachine,
  remainsOf,
} from './control-plane.fixture.ts';
import { createCluster, endpoint, type JoinableCluster, token } from './machine.fixture.ts';

let cluster: JoinableCluster;
beforeAll(async () => {
  cluster = await createCluster({ certificateKey });
});

const join = async (host: MemoryHost, node = cp2) =>
  await attempt(host, { fields: controlPlaneFields(cluster, node) });

describe('a second control plane', () => {
  test('joins with uploaded certificates, and has the files that upstream writes', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    const { error, events, result } = await join(host);
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ nodeName: 'cp2', controlPlane: true });
    expect(written(host).toSorted()).toEqual(expectedFiles.toSorted());
    for (const name of ['ca', 'front-proxy-ca', 'etcd/ca'])
      for (const kind of ['crt', 'key']) {
        const path = `/etc/kubernetes/pki/${name}.${kind}`;
        expect(host.snapshot()[path]).toMatchObject({
          text: cluster.files[path],
          mode: kind === 'key' ? 0o600 : 0o644,
        });
      }
    const served = new X509Certificate(text(host, '/etc/kubernetes/pki/apiserver.crt'));
    expect(served.subjectAltName).toContain('IP Address:10.0.0.6');
    expect(served.subjectAltName).toContain('DNS:cp2');
    expect(events).toContainEqual({
      type: 'node-joined',
      node: 'cp2',
      controlPlane: true,
      etcdMember: true,
      kubeconfig: '/etc/kubernetes/admin.conf',
    });
  });

  test('has a voting member of etcd, whose manifest names the others', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    await join(host);
    expect(members(host)).toEqual(['cp1', 'cp2']);
    const manifest = text(host, etcdManifest);
    expect(manifest).toContain('- --initial-cluster=cp1=https://10.0.0.5:2380,cp2=https://10.0.0.6:2380\n');
    expect(manifest).toContain('- --initial-cluster-state=existing\n');
  });

  test('has admin.conf with the address of all control planes, and the others with its own', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    await join(host);
    const server = async (file: string) =>
      (await loadKubeconfig(host, `/etc/kubernetes/${file}`)).clusters[0]?.server;
    expect(await server('admin.conf')).toBe(`https://${endpoint}`);
    expect(await server('controller-manager.conf')).toBe('https://10.0.0.6:6443');
    expect(await server('scheduler.conf')).toBe('https://10.0.0.6:6443');
    expect(text(host, '/etc/kubernetes/manifests/kube-apiserver.yaml')).toContain(
      '- --advertise-address=10.0.0.6\n',
    );
  });

  test('gives its kubelet the token for its own API server', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    let conf = '';
    host.gate.onWrite(({ target }) => {
      if (target === bootstrapConf) conf ||= text(host, bootstrapConf);
    });
    await join(host);
    expect(parseKubeconfig(conf, bootstrapConf)).toMatchObject({
      clusters: [{ name: 'kubernetes', server: 'https://10.0.0.6:6443' }],
      users: [{ token }],
    });
    expect(host.snapshot()).not.toHaveProperty([bootstrapConf]);
  });

  test('is marked with labels and taints, which its kubelet does not register', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    await join(host);
    const node = host.api.get({ apiVersion: 'v1', kind: 'Node', name: 'cp2' });
    expect(node.metadata.labels).toMatchObject({
      [control.key]: '',
      'node.kubernetes.io/exclude-from-external-load-balancers': '',
    });
    expect(at(node, 'spec', 'taints')).toEqual([control]);
    expect(text(host, '/var/lib/kubelet/kubeadm-flags.env')).not.toContain('taints');
  });

  test('makes its keys while it discovers the cluster, and uses all of them', async () => {
    const rsa = await createCluster({ certificateKey, cluster: { encryptionAlgorithm: 'RSA-2048' } });
    const host = await controlPlaneMachine(rsa, cp2);
    const { error, events } = await attempt(host, { fields: controlPlaneFields(rsa, cp2) });
    expect(error).toBeUndefined();
    const begun = events.findIndex(({ type }) => type === 'keys-making');
    const discovery = events.findIndex(
      (event) => event.type === 'waiting' || event.type === 'preflight-running',
    );
    expect(events[begun]).toEqual({ type: 'keys-making', algorithm: 'RSA-2048', count: 10 });
    expect(begun).toBeLessThan(discovery);
    expect(events.filter(({ type }) => type === 'key-made')).toHaveLength(10);
  });

  test('is followed by a third one', async () => {
    const second = await controlPlaneMachine(cluster, cp2);
    await join(second);
    const third = await controlPlaneMachine(cluster, cp3, { before: remainsOf(second) });
    const { error } = await join(third, cp3);
    expect(error).toBeUndefined();
    expect(members(third)).toEqual(['cp1', 'cp2', 'cp3']);
    expect(text(third, etcdManifest)).toContain(
      '- --initial-cluster=cp1=https://10.0.0.5:2380,cp2=https://10.0.0.6:2380,cp3=https://10.0.0.7:2380\n',
    );
  });

  test('joins phase by phase with the same files', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    const fields = controlPlaneFields(cluster, cp2);
    for (const phase of ['preflight', 'control-plane-prepare', 'check-etcd', 'kubelet-start'])
      expect((await attempt(host, { fields, only: [phase] })).error, phase).toBeUndefined();
    for (const phase of ['etcd-join', 'kubelet-wait-bootstrap', 'control-plane-join', 'wait-control-plane']) {
      const request = {
        fields: { controlPlane: fields.controlPlane ?? {} },
        only: [phase],
        usesAdminConf: true,
      };
      expect((await attempt(host, request)).error, phase).toBeUndefined();
    }
    expect(written(host).toSorted()).toEqual(expectedFiles.toSorted());
    expect(members(host)).toEqual(['cp1', 'cp2']);
    const node = host.api.get({ apiVersion: 'v1', kind: 'Node', name: 'cp2' });
    expect(at(node, 'spec', 'taints')).toEqual([control]);
  });
});

describe('external etcd', () => {
  const body = '{"etcdserver":"3.6.8","etcdcluster":"3.6.0"}';
  const http = { 'http://10.0.0.2:2379/version': { status: 200, body } };
  const etcd = {
    external: { endpoints: ['http://10.0.0.2:2379'], caFile: '', certFile: '', keyFile: '' },
  };

  test('gets no member', async () => {
    const own = await createCluster({ certificateKey, cluster: { etcd }, machine: { http } });
    const host = await controlPlaneMachine(own, cp2, { http });
    const { error, events } = await attempt(host, { fields: controlPlaneFields(own, cp2) });
    expect(error).toBeUndefined();
    expect(written(host)).not.toContain(etcdManifest);
    expect(written(host).filter((path) => path.includes('etcd'))).toEqual([]);
    expect(members(host)).toEqual(['cp1']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'node-joined', etcdMember: false }));
  });
});
