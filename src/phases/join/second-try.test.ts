/** The same command again, after the first try did not end well. */
import { beforeAll, describe, expect, test } from 'vitest';
import { KubeApiError } from '../../errors.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import { unfinishedRun } from '../../run-record/unfinished.ts';
import { certificateKey, controlPlaneFields, controlPlaneMachine } from './control-plane.fixture.ts';
import {
  createCluster,
  type JoinableCluster,
  joiningMachine,
  signedWith,
  token,
  workerFields,
} from './machine.fixture.ts';
import { runJoin } from './run.ts';

const newToken = 'fedcba.fedcba9876543210';
const clusterInfo = { apiVersion: 'v1', kind: 'ConfigMap', name: 'cluster-info', namespace: 'kube-public' };
const kubeletConf = '/etc/kubernetes/kubelet.conf';
const bootstrapConf = '/etc/kubernetes/bootstrap-kubelet.conf';
const record = '/var/lib/kubeadm/unfinished-run.json';

let cluster: JoinableCluster;
beforeAll(async () => {
  cluster = await createCluster();
});

async function join(host: MemoryHost, bootstrapToken?: string): Promise<unknown> {
  const timeouts = { tlsBootstrap: 20_000, kubeletHealthCheck: 20_000 };
  return await runJoin(host, { fields: { ...workerFields(cluster, bootstrapToken), timeouts } }).catch(
    (error: unknown) => error,
  );
}

/** The API server and the controller manager know only this token. */
function replaceToken(host: MemoryHost, valid: string): void {
  host.api.put(signedWith(valid, host.api.get(clusterInfo)));
  host.api.intercept = ({ kubeconfig }) => {
    const given = kubeconfig.users.find((user) => user.token !== undefined)?.token;
    return given === undefined || given === valid
      ? undefined
      : new KubeApiError(401, 'Unauthorized', 'Unauthorized');
  };
}

/** A machine whose kubelet has not got its certificate when the first try ended. */
async function triedMachine(): Promise<MemoryHost> {
  const host = await joiningMachine(cluster);
  const kubelet = host.units.get('kubelet');
  host.units.set('kubelet', { enabled: true, active: false });
  expect(await join(host)).toMatchObject({ code: 'timeout' });
  if (kubelet !== undefined) host.units.set('kubelet', { ...kubelet, active: false });
  return host;
}

test('with a token that was deleted names the command that makes a new one, and a new token goes on', async () => {
  const host = await triedMachine();
  replaceToken(host, newToken);
  const refused = await join(host, token);
  expect(refused).toMatchObject({ code: 'discovery-failed', details: { reason: 'signature-missing' } });
  expect(refused).toHaveProperty(
    'hint',
    expect.stringContaining('kubeadm token create --print-join-command'),
  );
  expect(host.snapshot()).toHaveProperty([record]);
  expect(await join(host, newToken)).toMatchObject({ nodeName: 'node1' });
  expect(host.snapshot()).toHaveProperty([kubeletConf]);
  expect(host.snapshot()).not.toHaveProperty([record]);
});

test('goes on without a valid token if the kubelet has its certificate', async () => {
  const host = await joiningMachine(cluster);
  host.gate.onWrite(({ kind, target }, count) => {
    if (kind === 'remove' && target === bootstrapConf) host.gate.crashAfter(count);
  });
  expect(await join(host)).toBeInstanceOf(Error);
  expect(host.snapshot()).toHaveProperty([kubeletConf]);
  host.gate.restart();
  replaceToken(host, newToken);
  expect(await join(host, token)).toMatchObject({ nodeName: 'node1' });
});

describe('of a worker whose kubelet has its certificate', () => {
  async function bootstrapped(): Promise<MemoryHost> {
    const host = await joiningMachine(cluster);
    host.gate.onWrite(({ kind, target }, count) => {
      if (kind === 'remove' && target === bootstrapConf) host.gate.crashAfter(count);
    });
    expect(await join(host)).toBeInstanceOf(Error);
    host.gate.restart();
    return host;
  }

  test('reports that its kubeconfig replaces the discovery', async () => {
    const host = await bootstrapped();
    const events: unknown[] = [];
    await runJoin(
      host,
      { fields: workerFields(cluster) },
      { record: ({ event }) => void events.push(event) },
    );
    const message = `found ${kubeletConf}, which replaces the discovery`;
    expect(events).toContainEqual({ type: 'progress', topic: 'preflight', message });
  });

  test('is refused with the CA hash of another cluster, and nothing changes', async () => {
    const host = await bootstrapped();
    const before = host.snapshot();
    const other = workerFields({ ...cluster, caCertHash: `sha256:${'0'.repeat(64)}` });
    const error = await runJoin(host, { fields: other }).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'unfinished-run' });
    expect(String(error)).toContain('it joined another cluster');
    for (const path of [record, kubeletConf]) expect(host.snapshot()[path]).toEqual(before[path]);
  });
});

test('is refused if the discovery finds another cluster', async () => {
  const host = await triedMachine();
  const text = host.snapshot()[record]?.text ?? '';
  const authorities = [`sha256:${'0'.repeat(64)}`];
  const changed = JSON.stringify({ ...JSON.parse(text), authorities });
  host.disk.put({ [record]: { data: changed, mode: 0o600 } });
  const error = await join(host);
  expect(error).toMatchObject({ code: 'unfinished-run' });
  expect(String(error)).toContain('it joined another cluster');
});

test('keeps what the first try recorded of etcd', async () => {
  const host = await triedMachine();
  host.units.set('kubelet', { enabled: true, active: false });
  const text = host.snapshot()[record]?.text ?? '';
  const changed = JSON.stringify({ ...JSON.parse(text), etcdDataDir: '/var/lib/etcd' });
  host.disk.put({ [record]: { data: changed, mode: 0o600 } });
  expect(await join(host)).toMatchObject({ code: 'timeout' });
  expect(host.snapshot()[record]?.text).toContain('"etcdDataDir": "/var/lib/etcd"');
});

test('knows its run by a CA file at another path', async () => {
  const host = await joiningMachine(cluster);
  const fields = { ...workerFields(cluster), caCertPath: '/opt/ca.crt' };
  host.gate.onWrite(({ target }, count) => {
    if (target === '/opt/ca.crt') host.gate.crashAfter(count);
  });
  expect(await runJoin(host, { fields }).catch((error: unknown) => error)).toBeInstanceOf(Error);
  host.gate.restart();
  for (const path of [bootstrapConf, kubeletConf]) if (path in host.snapshot()) await host.files.remove(path);
  const left = await host.files.readText('/opt/ca.crt');
  expect(left).toContain('BEGIN CERTIFICATE');
  expect(await unfinishedRun(host, 'join', () => undefined)).toMatchObject({ authorityFile: '/opt/ca.crt' });
});

test('keeps the data of another etcd in every try', async () => {
  const withKey = await createCluster({ certificateKey });
  const node = { nodeName: 'cp2', address: '10.0.0.6' };
  const data = '/var/lib/etcd/member/snap/db';
  const host = await controlPlaneMachine(withKey, node, { files: { [data]: 'precious' } });
  const request = {
    fields: controlPlaneFields(withKey, node),
    ignorePreflightErrors: ['DirAvailable--var-lib-etcd'],
  };
  for (const _ of [1, 2, 3]) {
    expect(await runJoin(host, request).catch((error: unknown) => error)).toMatchObject({ code: 'refused' });
    expect(host.snapshot()).toHaveProperty([data]);
  }
});

test('a token that is deleted while the kubelet asks for its certificate ends the join early', async () => {
  const host = await joiningMachine(cluster);
  host.units.set('kubelet', {
    enabled: true,
    active: false,
    onStart: () => {
      host.machine.answers.set('http://127.0.0.1:10248/healthz', { status: 200, body: 'ok' });
      replaceToken(host, newToken);
    },
  });
  const error = await join(host);
  expect(error).toMatchObject({
    code: 'refused',
    details: { phase: 'kubelet-wait-bootstrap', reason: 'credentials-refused' },
  });
  expect(String(error)).toContain('does not accept the bootstrap token abcdef');
  expect(host.snapshot()).not.toHaveProperty([bootstrapConf]);
});
