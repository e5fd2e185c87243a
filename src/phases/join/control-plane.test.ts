import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { etcdMember } from '../../etcd/cluster.fixture.ts';
import type { RecordedEvent } from '../../events.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { parseKubeconfig } from '../../kubeconfig/parse.ts';
import { at } from '../../lib/is-record.ts';
import type { RunContext } from '../execute.ts';
import {
  certificateKey,
  controlPlaneFields,
  controlPlaneMachine,
  remainsOf,
} from './control-plane.fixture.ts';
import { createCluster, endpoint, type JoinableCluster, token } from './machine.fixture.ts';
import type { JoinRequest } from './request.ts';
import { runJoin } from './run.ts';

let cluster: JoinableCluster;
beforeAll(async () => {
  cluster = await createCluster({ certificateKey });
});

const cp2 = { nodeName: 'cp2', address: '10.0.0.6' };
const cp3 = { nodeName: 'cp3', address: '10.0.0.7' };
const bootstrapConf = '/etc/kubernetes/bootstrap-kubelet.conf';
const etcdManifest = '/etc/kubernetes/manifests/etcd.yaml';
const control = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

async function attempt(host: MemoryHost, request: JoinRequest, context: RunContext = {}) {
  const records: RecordedEvent[] = [];
  const keep = (recorded: RecordedEvent): void => void records.push(recorded);
  const outcome = await runJoin(host, request, { ...context, record: keep }).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  return { ...outcome, records, events: records.map(({ event }) => event) };
}

const join = async (host: MemoryHost, node = cp2) =>
  await attempt(host, { fields: controlPlaneFields(cluster, node) });

const members = (host: MemoryHost) =>
  [...host.etcdCluster.members.values()].map(
    ({ isLearner, name }) => `${name}${isLearner ? ' (learner)' : ''}`,
  );

const written = (host: MemoryHost): readonly string[] =>
  Object.keys(host.snapshot()).filter((path) => /^\/(etc\/kubernetes|var\/lib)\/.*[^/]$/.test(path));

const text = (host: MemoryHost, path: string): string => host.snapshot()[path]?.text ?? '';

/** The files that upstream's kubeadm and the kubelet write on a control plane that joins. */
const expectedFiles = [
  '/etc/kubernetes/admin.conf',
  '/etc/kubernetes/controller-manager.conf',
  '/etc/kubernetes/kubelet.conf',
  ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(
    (name) => `/etc/kubernetes/manifests/${name}.yaml`,
  ),
  ...[
    'apiserver-etcd-client',
    'apiserver-kubelet-client',
    'apiserver',
    'ca',
    'etcd/ca',
    'etcd/healthcheck-client',
    'etcd/peer',
    'etcd/server',
    'front-proxy-ca',
    'front-proxy-client',
  ].flatMap((name) => [`/etc/kubernetes/pki/${name}.crt`, `/etc/kubernetes/pki/${name}.key`]),
  '/etc/kubernetes/pki/sa.key',
  '/etc/kubernetes/pki/sa.pub',
  '/etc/kubernetes/scheduler.conf',
  '/var/lib/etcd/member/db',
  '/var/lib/kubelet/config.yaml',
  '/var/lib/kubelet/instance-config.yaml',
  '/var/lib/kubelet/kubeadm-flags.env',
  '/var/lib/kubelet/pki/kubelet-client-current.pem',
];

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

describe('the certificates of a control plane', () => {
  const shared = () =>
    Object.fromEntries(
      Object.entries(cluster.files).filter(([path]) => /\/(ca|front-proxy-ca|sa)\.(crt|key|pub)$/.test(path)),
    );

  test('can be copied to its disk instead', async () => {
    const host = await controlPlaneMachine(cluster, cp2, { files: shared() });
    const { error } = await attempt(host, { fields: controlPlaneFields(cluster, cp2, '') });
    expect(error).toBeUndefined();
    expect(written(host).toSorted()).toEqual(expectedFiles.toSorted());
    expect(host.api.requests.map(({ name }) => name)).not.toContain('kubeadm-certs');
  });

  test('are refused if a given one does not have the names of this machine, before another one is made', async () => {
    const given = ['crt', 'key'].map((kind) => `/etc/kubernetes/pki/apiserver.${kind}`);
    const files = {
      ...shared(),
      ...Object.fromEntries(given.map((path) => [path, cluster.files[path] ?? ''])),
    };
    const host = await controlPlaneMachine(cluster, cp2, { files });
    const { error } = await attempt(host, { fields: controlPlaneFields(cluster, cp2, '') });
    expect(error).toMatchObject({ code: 'certificate-invalid' });
    expect(String(error)).toContain('10.0.0.6');
    expect(written(host)).not.toContain('/etc/kubernetes/pki/front-proxy-client.crt');
    expect(members(host)).toEqual(['cp1']);
  });

  test('of an external CA must be given, and its kubeconfigs too', async () => {
    const own = await controlPlaneMachine(cluster, cp2);
    await join(own);
    const given = Object.fromEntries(
      Object.entries(own.snapshot('/etc/kubernetes')).flatMap(([path, { text: content }]) =>
        content === undefined || /manifests|kubelet\.conf|\/ca\.key$/.test(path) ? [] : [[path, content]],
      ),
    );
    const { '/etc/kubernetes/scheduler.conf': scheduler = '', ...incomplete } = given;
    const fields = controlPlaneFields(cluster, cp2, '');
    const without = await controlPlaneMachine(cluster, cp2, { files: incomplete });
    const refused = await attempt(without, { fields });
    expect(refused.error).toMatchObject({ code: 'kubeconfig-invalid' });
    expect(String(refused.error)).toContain('/etc/kubernetes/scheduler.conf is missing');

    const files = { ...incomplete, '/etc/kubernetes/scheduler.conf': scheduler };
    const host = await controlPlaneMachine(cluster, cp2, { files });
    const { error, events } = await attempt(host, { fields });
    expect(error).toBeUndefined();
    const skipped = events.flatMap((event) => (event.type === 'kubeconfig-skipped' ? event.file : []));
    expect(skipped).toEqual(['admin.conf', 'controller-manager.conf', 'scheduler.conf']);
    const manifest = text(host, '/etc/kubernetes/manifests/kube-controller-manager.yaml');
    expect(manifest).toContain('--cluster-signing-key-file=\n');
  });

  test('cannot be downloaded with another key', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    const fields = controlPlaneFields(cluster, cp2, 'f'.repeat(64));
    const { error } = await attempt(host, { fields });
    expect(error).toMatchObject({ code: 'certificate-invalid' });
    expect(error).toHaveProperty('hint', expect.stringContaining('upload-certs'));
    expect(members(host)).toEqual(['cp1']);
    expect(host.units.get('kubelet')?.active).toBe(false);
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

describe('a join that cannot succeed', () => {
  const onlyTimeout = { timeouts: { etcdAPICall: 20_000 } };

  test('removes its own learner and the manifest, so that another machine can join', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    host.gate.onWrite(({ target }) => {
      if (target.startsWith('memberAdd')) host.etcdCluster.notInSync.add('1000');
    });
    const fields = { ...controlPlaneFields(cluster, cp2), ...onlyTimeout };
    const { error, events } = await attempt(host, { fields });
    expect(error).toMatchObject({ details: { phase: 'etcd-join' } });
    expect(String(error)).toContain('in step with the leader');
    expect(events).toContainEqual(expect.objectContaining({ type: 'etcd-member-removed' }));
    expect(members(host)).toEqual(['cp1']);
    expect(written(host)).not.toContain(etcdManifest);
    expect(written(host)).not.toContain(bootstrapConf);
    host.etcdCluster.notInSync.clear();
    expect((await join(host)).error).toBeUndefined();
    expect(members(host)).toEqual(['cp1', 'cp2']);
  });

  test('adds no member to an etcd without a quorum, and says which member is missing', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    const gone = etcdMember('2', '10.0.0.8', { name: 'gone' });
    host.etcdCluster.members.set('2', gone);
    host.etcdCluster.unreachable.add('https://10.0.0.8:2379');
    const { error } = await attempt(host, {
      fields: { ...controlPlaneFields(cluster, cp2), ...onlyTimeout },
    });
    expect(error).toMatchObject({ details: { phase: 'check-etcd' } });
    expect(String(error)).toContain('https://10.0.0.8:2379');
    expect(members(host)).toEqual(['cp1', 'gone']);
  });

  test('names the command for a new certificate key when the Secret has expired, and goes on with that', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    const secret = { apiVersion: 'v1', kind: 'Secret', name: 'kubeadm-certs', namespace: 'kube-system' };
    const uploaded = host.api.get(secret);
    host.api.delete(secret);
    const { error } = await join(host);
    expect(error).toMatchObject({ code: 'certificate-missing' });
    expect(error).toHaveProperty(
      'hint',
      expect.stringContaining('kubeadm init phase upload-certs --upload-certs'),
    );
    host.api.put(uploaded);
    expect((await join(host)).error).toBeUndefined();
  });

  test('needs neither the Secret nor the token again once it has the certificates', async () => {
    const host = await controlPlaneMachine(cluster, cp2);
    host.units.set('kubelet', { enabled: true, active: false, onStart: () => undefined });
    host.gate.onWrite(({ target }) => {
      if (target.startsWith('memberAdd')) host.etcdCluster.notInSync.add('1000');
    });
    await attempt(host, { fields: { ...controlPlaneFields(cluster, cp2), ...onlyTimeout } });
    host.api.delete({ apiVersion: 'v1', kind: 'Secret', name: 'kubeadm-certs', namespace: 'kube-system' });
    const info = { apiVersion: 'v1', kind: 'ConfigMap', name: 'cluster-info', namespace: 'kube-public' };
    host.api.delete(info);
    host.etcdCluster.notInSync.clear();
    expect((await join(host)).error).toBeUndefined();
    expect(members(host)).toEqual(['cp1', 'cp2']);
  });
});

describe('a dry run', () => {
  const directory = '/tmp/dry';
  const environment = { KUBEADM_JOIN_DRYRUN_DIR: directory };

  test('writes the files of a control plane into its directory, and changes nothing else', async () => {
    const host = await controlPlaneMachine(cluster, cp2, { environment });
    const before = { objects: host.api.all(), members: members(host) };
    const { error, events } = await attempt(host, { fields: controlPlaneFields(cluster, cp2), dryRun: true });
    expect(error).toBeUndefined();
    expect({ objects: host.api.all(), members: members(host) }).toEqual(before);
    expect(written(host)).toEqual([]);
    expect(host.units.get('kubelet')?.active).toBe(false);
    const files = Object.keys(host.snapshot(directory)).map((path) => path.slice(directory.length + 1));
    expect(files).toEqual(
      expect.arrayContaining([
        'etcd.yaml',
        'kube-apiserver.yaml',
        'admin.conf',
        'controller-manager.conf',
        'scheduler.conf',
        'apiserver.crt',
        'etcd/peer.crt',
        'ca.key',
        'config.yaml',
      ]),
    );
    const would = events.filter(({ type }) => type === 'would-add-member' || type === 'would-promote-member');
    expect(would).toEqual([
      { type: 'would-add-member', peerURL: 'https://10.0.0.6:2380' },
      { type: 'would-promote-member', id: '2' },
    ]);
    const said = events.flatMap((event) => (event.type === 'progress' ? event.message : []));
    expect(said).toContain('Would check that the etcd cluster is healthy');
    expect(said).toContain('Would wait for the new etcd member to join the cluster');
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'would-call', verb: 'PATCH', resource: 'nodes', name: 'cp2' }),
    );
  });

  test('makes up authorities while there is no cluster to get them from', async () => {
    const host = await controlPlaneMachine(cluster, cp2, { environment });
    host.api.reachable = false;
    const { error, events } = await attempt(host, { fields: controlPlaneFields(cluster, cp2), dryRun: true });
    expect(error).toBeUndefined();
    expect(written(host)).toEqual([]);
    const made = events.flatMap((event) => (event.type === 'certificate-generated' ? event.name : []));
    expect(made).toEqual(expect.arrayContaining(['ca', 'front-proxy-ca', 'etcd/ca', 'etcd/peer', 'sa']));
  });
});
