import { describe, expect, test } from 'vitest';
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { KubeApiError } from '../errors.ts';
import { endpointsOfPods } from '../etcd/endpoints-of-pods.ts';
import type { KubeadmEvent } from '../events.ts';
import type { ApiRequest } from '../host/memory/api-server.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import { adminKubeconfig } from '../kubeconfig/kubeconfig.fixture.ts';
import { hostnameLabel } from '../names.ts';
import { createOrMutate, createOrRetain, createOrUpdate, type RetryPolicy } from './apply.ts';
import { ensureAdministrator } from './client.ts';
import { createTokens } from './create-tokens.ts';
import { markNode } from './node-marks.ts';
import { fetchClusterConfiguration } from './read.ts';
import { type AddressOptions, readAdvertiseAddress } from './this-node.ts';

interface Call {
  readonly host: MemoryHost;
  readonly client: KubeClient;
  readonly policy: RetryPolicy & Omit<AddressOptions, 'topic'>;
}

const object: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', namespace: 'kube-system' },
};
const node: KubeObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'cp1', labels: { [hostnameLabel]: 'cp1' } },
};
const token = { token: 'abcdef.0123456789abcdef', usages: [], groups: [] };
const marks = { labels: [], taints: [{ key: 'a', effect: 'NoSchedule' }] };

const createsToken = ({ client, host, policy }: Call) =>
  createTokens(client, [token], { now: host.clock.now(), policy });

type Row = readonly [what: string, verb: ApiRequest['verb'], work: (call: Call) => Promise<unknown>];

const rows: readonly Row[] = [
  ['createOrUpdate', 'create', ({ client, policy }) => createOrUpdate(client, object, policy)],
  ['createOrUpdate', 'update', ({ client, policy }) => createOrUpdate(client, object, policy)],
  ['createOrMutate', 'create', ({ client, policy }) => createOrMutate(client, object, (old) => old, policy)],
  ['createOrMutate', 'get', ({ client, policy }) => createOrMutate(client, object, (old) => old, policy)],
  ['createOrMutate', 'update', ({ client, policy }) => createOrMutate(client, object, (old) => old, policy)],
  ['createOrRetain', 'get', ({ client, policy }) => createOrRetain(client, object, policy)],
  [
    'createOrRetain',
    'create',
    ({ client, policy }) =>
      createOrRetain(client, { ...object, metadata: { ...object.metadata, name: 'y' } }, policy),
  ],
  [
    'ensureAdministrator',
    'create',
    ({ client, host, policy }) => ensureAdministrator(client, host, { ...policy, policy }),
  ],
  [
    'fetchClusterConfiguration',
    'get',
    ({ client, host, policy }) => fetchClusterConfiguration(client, host, { ...policy, topic: 'reset' }),
  ],
  [
    'readAdvertiseAddress',
    'list',
    ({ client, policy }) => readAdvertiseAddress(client, 'cp1', { ...policy, topic: 'reset' }),
  ],
  [
    'endpointsOfPods',
    'list',
    ({ host, policy }) => endpointsOfPods(host, adminKubeconfig, { ...policy, topic: 'join' }),
  ],
  ['markNode', 'get', ({ client, policy }) => markNode(client, 'cp1', marks, policy)],
  ['markNode', 'patch', ({ client, policy }) => markNode(client, 'cp1', marks, policy)],
  ['createTokens', 'get', createsToken],
  ['createTokens', 'create', createsToken],
];

describe('an interrupted run does not wait for an API server that hangs', () => {
  test.each(rows)('in %s, %s', async (_, verb, work) => {
    const host = createMemoryHost();
    host.api.create(object);
    host.api.create(node);
    const stop = new AbortController();
    const reason = new Error('interrupted by SIGINT');
    let hangs = false;
    host.api.intercept = async (request) => {
      if (request.verb !== verb) return undefined;
      if (hangs) return new KubeApiError(500, 'InternalError', 'it was called again');
      hangs = true;
      stop.abort(reason);
      return await new Promise<never>(() => undefined);
    };
    const events: KubeadmEvent[] = [];
    const emit = (event: KubeadmEvent): void => void events.push(event);
    const policy = { clock: host.clock, timeoutMs: 60_000, signal: stop.signal, emit };
    const outcome = work({ host, client: host.kube(adminKubeconfig), policy }).catch(
      (error: unknown) => error,
    );
    const waits = new Promise((resolve) => setTimeout(resolve, 1000, 'it still waits for the API server'));
    expect(await Promise.race([outcome, waits])).toBe(reason);
    expect(hangs).toBe(true);
    expect(host.clock.monotonic()).toBeLessThan(100);
    expect(events.filter(({ type }) => type === 'waiting')).toEqual([]);
  });
});
