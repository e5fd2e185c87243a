import { beforeAll, describe, expect, test } from 'vitest';
import { KubeApiError } from '../../errors.ts';
import type { RecordedEvent } from '../../events.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import { parseKubeconfig } from '../../kubeconfig/parse.ts';
import { signingRequest } from '../../tls-bootstrap/signing-request.fixture.ts';
import type { RunContext } from '../execute.ts';
import { createCluster, endpoint, type JoinableCluster, joiningMachine, token } from './machine.fixture.ts';
import type { JoinRequest } from './request.ts';
import { runJoin } from './run.ts';

let cluster: JoinableCluster;
beforeAll(async () => {
  cluster = await createCluster();
});

const record = '/var/lib/kubeadm/unfinished-run.json';
const bootstrapConf = '/etc/kubernetes/bootstrap-kubelet.conf';

function worker(): NonNullable<JoinRequest['fields']> {
  const { caCertHash } = cluster;
  return {
    discovery: { bootstrapToken: { token, apiServerEndpoint: endpoint, caCertHashes: [caCertHash] } },
  };
}

async function attempt(host: MemoryHost, request: JoinRequest, context: RunContext = {}) {
  const records: RecordedEvent[] = [];
  const keep = (recorded: RecordedEvent): void => void records.push(recorded);
  const outcome = await runJoin(host, request, { ...context, record: keep }).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  return { ...outcome, records, events: records.map(({ event }) => event) };
}

const files = (host: MemoryHost): readonly string[] =>
  Object.keys(host.snapshot()).filter((path) => /^\/(etc\/kubernetes|var\/lib)\/.*[^/]$/.test(path));

describe('a worker', () => {
  test('joins, and has the files that upstream writes', async () => {
    const host = await joiningMachine(cluster);
    const { error, events, result } = await attempt(host, { fields: worker() });
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ nodeName: 'node1', controlPlane: false, dryRun: undefined });
    expect(files(host)).toEqual([
      '/etc/kubernetes/kubelet.conf',
      '/etc/kubernetes/pki/ca.crt',
      '/var/lib/kubelet/config.yaml',
      '/var/lib/kubelet/instance-config.yaml',
      '/var/lib/kubelet/kubeadm-flags.env',
      '/var/lib/kubelet/pki/kubelet-client-current.pem',
    ]);
    const snapshot = host.snapshot();
    expect(snapshot).not.toHaveProperty(['/etc/kubernetes/manifests/']);
    expect(snapshot['/etc/kubernetes/pki/ca.crt']).toMatchObject({ text: cluster.authority, mode: 0o644 });
    expect(snapshot['/var/lib/kubelet/kubeadm-flags.env']?.text).toBe('KUBELET_KUBEADM_ARGS=""\n');
    expect(snapshot['/var/lib/kubelet/config.yaml']?.text).toContain('clusterDomain: cluster.local\n');
    expect(events.at(-1)).not.toMatchObject({ type: 'warning' });
    expect(events).toContainEqual({
      type: 'node-joined',
      node: 'node1',
      controlPlane: false,
      etcdMember: false,
    });
  });

  test('gives the kubelet the token in a kubeconfig that only root can read, and removes it at the end', async () => {
    const host = await joiningMachine(cluster);
    let written: ReturnType<MemoryHost['snapshot']>[string] | undefined;
    host.gate.onWrite(({ target }) => {
      if (target === bootstrapConf) written ??= host.snapshot()[bootstrapConf];
    });
    await attempt(host, { fields: worker() });
    expect(written).toMatchObject({ mode: 0o600 });
    const kubeconfig = parseKubeconfig(written?.text ?? '', bootstrapConf);
    expect(kubeconfig).toMatchObject({
      currentContext: 'tls-bootstrap-token-user@kubernetes',
      clusters: [
        { name: 'kubernetes', server: `https://${endpoint}`, certificateAuthorityData: cluster.authority },
      ],
      users: [{ name: 'tls-bootstrap-token-user', token }],
    });
    expect(host.snapshot()).not.toHaveProperty([bootstrapConf]);
  });

  test('gives the kubelet the name of the cluster', async () => {
    const host = await joiningMachine(cluster);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'kubeadm-config', namespace: 'kube-system' };
    const config = host.api.get(ref);
    const text = JSON.stringify(config.data).replace('clusterName: kubernetes', 'clusterName: paris');
    host.api.put({ ...config, data: JSON.parse(text) as unknown });
    let written = '';
    host.gate.onWrite(({ target }) => {
      if (target === bootstrapConf) written ||= host.snapshot()[bootstrapConf]?.text ?? '';
    });
    await attempt(host, { fields: worker() });
    const { clusters, contexts } = parseKubeconfig(written, bootstrapConf);
    expect(clusters.map(({ name }) => name)).toEqual(['paris']);
    expect(contexts).toMatchObject([{ name: 'tls-bootstrap-token-user@kubernetes', cluster: 'paris' }]);
  });

  test('gets the taints of its configuration as a flag of the kubelet', async () => {
    const host = await joiningMachine(cluster);
    const taints = [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }];
    await attempt(host, { fields: { ...worker(), nodeRegistration: { taints } } });
    expect(host.snapshot()['/var/lib/kubelet/kubeadm-flags.env']?.text).toBe(
      'KUBELET_KUBEADM_ARGS="--register-with-taints=gpu=yes:NoSchedule"\n',
    );
  });

  test('reads the unit of the kubelet during the discovery', async () => {
    const host = await joiningMachine(cluster);
    const { events } = await attempt(host, { fields: worker() });
    const at = (type: string, phase: string): number =>
      events.findIndex((event) => event.type === type && 'phase' in event && event.phase === phase);
    expect(at('phase-started', 'kubelet-start/unit')).toBeLessThan(at('phase-finished', 'preflight/cluster'));
  });

  test('asks the cluster for its configuration once', async () => {
    const host = await joiningMachine(cluster);
    await attempt(host, { fields: worker() });
    const names = host.api.requests.map(({ kind, name }) => `${kind} ${name}`);
    expect(names.filter((name) => name === 'ConfigMap kubeadm-config')).toHaveLength(1);
    expect(names.filter((name) => name === 'ConfigMap kubelet-config')).toHaveLength(1);
  });

  test('is refused if a Ready Node of the cluster has its name, before anything is written', async () => {
    const host = await joiningMachine(cluster, { nodeName: 'cp1' });
    host.api.put({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'cp1' },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
    const { error } = await attempt(host, { fields: worker() });
    expect(error).toMatchObject({ code: 'refused', details: { nodeName: 'cp1' } });
    expect(error).toHaveProperty('hint', expect.stringContaining('kubectl delete node cp1'));
    expect(files(host)).toEqual([record]);
  });

  test('with an empty hostname-override has the name of the host', async () => {
    const host = await joiningMachine(cluster);
    const kubeletExtraArgs = [{ name: 'hostname-override', value: '' }];
    await attempt(host, { fields: { ...worker(), nodeRegistration: { kubeletExtraArgs } } });
    expect(host.api.requests).toContainEqual(expect.objectContaining({ kind: 'Node', name: 'node1' }));
  });

  test('takes the name of a Node that is not Ready', async () => {
    const host = await joiningMachine(cluster);
    host.api.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node1' } });
    const { error } = await attempt(host, { fields: worker() });
    expect(error).toBeUndefined();
  });

  test('is refused on a machine that is a node already', async () => {
    const host = await joiningMachine(cluster, { files: { '/etc/kubernetes/kubelet.conf': 'x' } });
    const { error } = await attempt(host, { fields: worker() });
    expect(error).toMatchObject({
      code: 'preflight-failed',
      details: { findings: [{ check: 'FileAvailable--etc-kubernetes-kubelet.conf' }] },
    });
    expect(host.gate.writes.filter(({ target }) => !target.startsWith('/run/'))).toEqual([]);
  });

  test('learns that its token is not accepted, and which command makes a new one', async () => {
    const host = await joiningMachine(cluster);
    host.api.intercept = ({ name }) =>
      name === 'kubeadm-config' ? new KubeApiError(401, 'Unauthorized', 'Unauthorized') : undefined;
    const { error } = await attempt(host, { fields: worker() });
    expect(error).toMatchObject({ code: 'kube-api', details: { status: 401, tokenId: 'abcdef' } });
    expect(error).toHaveProperty(
      'hint',
      expect.stringContaining('kubeadm token create --print-join-command'),
    );
    expect(String(error)).not.toContain('0123456789abcdef');
    expect(host.time.port.monotonic()).toBeLessThan(3_000);
  });

  test.each(['kubeadm-config', 'kubelet-config', 'kube-proxy'])(
    'waits for an API server that does not know its token yet when it reads %s',
    async (name) => {
      const host = await joiningMachine(cluster);
      let refusals = 0;
      host.api.intercept = (request) => {
        if (request.name !== name || request.kind !== 'ConfigMap' || refusals > 2) return undefined;
        refusals += 1;
        return new KubeApiError(401, 'Unauthorized', 'Unauthorized');
      };
      expect((await attempt(host, { fields: worker() })).error).toBeUndefined();
    },
  );

  test.each([
    ['kubeadm-config', 'kubeadm:nodes-kubeadm-config', 'upload-config kubeadm'],
    ['kubelet-config', 'kubeadm:kubelet-config', 'upload-config kubelet'],
    ['node1', 'kubeadm:get-nodes', 'bootstrap-token'],
  ])('that may not read %s learns which role may be missing', async (name, role, phase) => {
    const host = await joiningMachine(cluster);
    host.api.intercept = (request) =>
      request.name === name ? new KubeApiError(403, 'Forbidden', 'forbidden') : undefined;
    const { error } = await attempt(host, { fields: worker() });
    expect(error).toMatchObject({ code: 'kube-api', details: { status: 403 } });
    expect(error).toHaveProperty('hint', expect.stringContaining(role));
    expect(error).toHaveProperty('hint', expect.stringContaining(`kubeadm init phase ${phase}`));
  });

  test.each([
    { override: [], request: 'csr-1' },
    { override: [{ name: 'hostname-override', value: 'node2' }], request: 'csr-2' },
  ])('reports the kubelet that gets no certificate for $request, and removes the token', async (given) => {
    const { override, request } = given;
    const host = await joiningMachine(cluster);
    host.units.set('kubelet', {
      enabled: true,
      active: false,
      onStart: () => {
        host.machine.answers.set('http://127.0.0.1:10248/healthz', { status: 200, body: 'ok' });
      },
    });
    host.api.create(await signingRequest('csr-1'));
    host.api.create(await signingRequest('csr-2', { nodeName: 'node2' }));
    const { error, events } = await attempt(host, {
      fields: {
        ...worker(),
        nodeRegistration: { kubeletExtraArgs: override },
        timeouts: { tlsBootstrap: 20_000 },
      },
    });
    expect(error).toMatchObject({ code: 'timeout', details: { phase: 'kubelet-wait-bootstrap' } });
    expect(String(error)).toContain('failed while waiting for TLS bootstrap');
    expect(host.snapshot()).not.toHaveProperty([bootstrapConf]);
    expect(events).toContainEqual({
      type: 'warning',
      code: 'left-in-cluster',
      message:
        `The cluster has the certificate signing request ${request} of this machine. To remove all of it, run ` +
        `'kubeadm reset' here, and then 'kubectl delete csr ${request}' on a control plane.`,
    });
  });

  test('goes on after a failed run with the same command', async () => {
    const host = await joiningMachine(cluster);
    const healthy = host.units.get('kubelet');
    host.units.set('kubelet', { enabled: true, active: false });
    const failed = await attempt(host, {
      fields: { ...worker(), timeouts: { tlsBootstrap: 1_000, kubeletHealthCheck: 1_000 } },
    });
    expect(failed.error).toBeDefined();
    if (healthy !== undefined) host.units.set('kubelet', healthy);
    const { error, events } = await attempt(host, { fields: worker() });
    expect(error).toBeUndefined();
    expect(events).toContainEqual(
      expect.objectContaining({ topic: 'join', message: expect.stringContaining('Taking up the run') }),
    );
    expect(files(host)).not.toContain(record);
  });

  test('is refused under another name while an earlier run did not end', async () => {
    const host = await joiningMachine(cluster);
    host.units.set('kubelet', { enabled: true, active: false });
    const timeouts = { tlsBootstrap: 1_000, kubeletHealthCheck: 1_000 };
    await attempt(host, { fields: { ...worker(), timeouts } });
    const { error } = await attempt(host, { fields: worker(), nodeName: 'other' });
    expect(error).toMatchObject({ code: 'unfinished-run' });
    expect(String(error)).toContain('the name of the node was node1 and is now other');
  });
});

describe('phases of a worker', () => {
  test('those of a control plane do nothing', async () => {
    const host = await joiningMachine(cluster);
    const { records } = await attempt(host, { fields: worker() });
    const quiet = [
      'control-plane-prepare',
      'check-etcd',
      'etcd-join',
      'control-plane-join',
      'wait-control-plane',
    ];
    const said = records.filter(
      ({ event, phase = '' }) =>
        quiet.includes(phase.split('/')[0] ?? '') && !event.type.startsWith('phase-'),
    );
    expect(said).toEqual([]);
  });

  test('single ones run after each other as the whole command does', async () => {
    const host = await joiningMachine(cluster);
    for (const phase of ['preflight', 'kubelet-start']) {
      const { error } = await attempt(host, { fields: worker(), only: [phase] });
      expect(error).toBeUndefined();
    }
    expect(files(host)).toContain(bootstrapConf);
    expect(files(host)).not.toContain(record);
  });

  test.each(['etcd-join', 'kubelet-wait-bootstrap', 'wait-control-plane', 'control-plane-join'])(
    '%s needs admin.conf instead of the discovery',
    async (phase) => {
      const host = await joiningMachine(cluster);
      const { error } = await attempt(host, { only: [phase], usesAdminConf: true });
      expect(error).toMatchObject({ code: 'file', place: { file: '/etc/kubernetes/admin.conf' } });
      expect(error).toHaveProperty('hint', expect.stringContaining('control-plane-prepare'));
    },
  );

  test('check-etcd is hidden and can be skipped', async () => {
    const host = await joiningMachine(cluster);
    const { error, result } = await attempt(host, { fields: worker(), skip: ['check-etcd'] });
    expect(error).toBeUndefined();
    expect(result?.phases).not.toContain('check-etcd');
  });
});

describe('a control plane', () => {
  test('is refused by a cluster without a stable endpoint', async () => {
    const host = await joiningMachine(cluster);
    const config = host.api.get({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: 'kubeadm-config',
      namespace: 'kube-system',
    });
    const text = JSON.stringify(config.data).replace(endpoint, '').replace('controlPlaneEndpoint: \\n', '');
    host.api.put({ ...config, data: JSON.parse(text) as unknown });
    const controlPlane = { localAPIEndpoint: { advertiseAddress: '10.0.0.5' } };
    const { error } = await attempt(host, { fields: { ...worker(), controlPlane } });
    expect(error).toMatchObject({ code: 'config-invalid' });
    expect(String(error)).toContain('no stable controlPlaneEndpoint');
  });

  test('without a certificate key needs the certificates that all control planes share', async () => {
    const host = await joiningMachine(cluster);
    const controlPlane = { localAPIEndpoint: { advertiseAddress: '10.0.0.5' } };
    const { error } = await attempt(host, { fields: { ...worker(), controlPlane } });
    expect(error).toMatchObject({ code: 'certificate-missing' });
    for (const name of ['ca.crt', 'front-proxy-ca.crt', 'etcd/ca.crt', 'sa.key'])
      expect(String(error)).toContain(`/etc/kubernetes/pki/${name}`);
    expect(String(error)).not.toContain('pki/apiserver');
  });
});
