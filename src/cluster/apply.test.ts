import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../clients/kube/kube-client.ts';
import { KubeApiError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { adminKubeconfig } from '../kubeconfig/kubeconfig.fixture.ts';
import { createOrMutate, createOrRetain, createOrUpdate } from './apply.ts';

const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', namespace: 'kube-system' };

function configMap(value: string): KubeObject {
  const metadata = { name: 'x', namespace: 'kube-system' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value } };
}

function setUp() {
  const host = createMemoryHost();
  const client = host.kube(adminKubeconfig);
  return { host, client, policy: { clock: host.clock, timeoutMs: 60_000 } };
}

describe('createOrUpdate', () => {
  test('creates the object, and later replaces it completely', async () => {
    const { client, host, policy } = setUp();
    await createOrUpdate(client, { ...configMap('1'), immutable: false }, policy);
    const written = await createOrUpdate(client, configMap('2'), policy);
    expect(host.api.get(ref)).toMatchObject({ data: { value: '2' } });
    expect(host.api.get(ref)).not.toHaveProperty('immutable');
    expect(written.metadata.uid).toBe(host.api.get(ref).metadata.uid);
    expect(host.api.requests.map(({ verb }) => verb)).toEqual(['create', 'create', 'update']);
  });

  test('succeeds when the API server comes up', async () => {
    const { client, host, policy } = setUp();
    host.api.intercept = () =>
      host.clock.monotonic() < 20_000 ? new KubeApiError(403, 'Forbidden', 'no roles yet') : undefined;
    await createOrUpdate(client, configMap('1'), policy);
    expect(host.api.get(ref)).toMatchObject({ data: { value: '1' } });
  });

  test('reports each written object, and reports each wait once with its length', async () => {
    const { client, host, policy } = setUp();
    const events: KubeadmEvent[] = [];
    const emit = (event: KubeadmEvent): void => void events.push(event);
    const telling = { ...policy, emit };
    await createOrUpdate(client, configMap('1'), telling);
    const applied = { type: 'object-applied', kind: 'ConfigMap', name: 'x', namespace: 'kube-system' };
    expect(events).toEqual([applied]);
    host.api.intercept = () =>
      host.clock.monotonic() < 20_000 ? new KubeApiError(500, 'Internal', 'not yet') : undefined;
    await createOrUpdate(client, configMap('2'), telling);
    const wait = { topic: 'api', for: 'ConfigMap kube-system/x to be written' };
    expect(events.slice(1)).toEqual([
      { type: 'waiting', ...wait, timeoutMs: 60_000 },
      { type: 'waited', ...wait, milliseconds: host.clock.monotonic() },
      applied,
    ]);
    host.api.intercept = () => new KubeApiError(422, 'Invalid', 'bad name');
    await expect(createOrUpdate(client, configMap('3'), telling)).rejects.toThrow('bad name');
    expect(events).toHaveLength(4);
  });

  test.each([403, 404, 409, 429, 500, 503])(
    'the error after a minute of status %i names the object that it waited for',
    async (status) => {
      const { client, host, policy } = setUp();
      host.api.intercept = () => new KubeApiError(status, 'Whatever', 'the last answer');
      await expect(createOrUpdate(client, configMap('1'), policy)).rejects.toMatchObject({
        code: 'timeout',
        message: 'waited 1m0s for ConfigMap kube-system/x to be written: the last answer',
        cause: { status },
      });
      expect(host.clock.monotonic()).toBe(60_000);
    },
  );

  test('does not retry an error that is permanent', async () => {
    const { client, host, policy } = setUp();
    host.api.intercept = () => new KubeApiError(422, 'Invalid', 'bad name');
    await expect(createOrUpdate(client, configMap('1'), policy)).rejects.toThrow('bad name');
    expect(host.clock.monotonic()).toBe(0);
  });

  test('updates the object after Invalid if updateInvalid is set', async () => {
    const { client, host, policy } = setUp();
    host.api.create(configMap('1'));
    host.api.intercept = ({ verb }) =>
      verb === 'create' ? new KubeApiError(422, 'Invalid', 'clusterIP taken') : undefined;
    await createOrUpdate(client, configMap('2'), policy, { updateInvalid: true });
    expect(host.api.get(ref)).toMatchObject({ data: { value: '2' } });
  });
});

describe('createOrMutate', () => {
  test('changes the newest version, and retries after a conflict', async () => {
    const { client, host, policy } = setUp();
    host.api.create({ ...configMap('1'), data: { other: 'kept' } });
    let conflicts = 0;
    host.api.intercept = ({ verb }) => {
      if (verb !== 'update' || conflicts === 2) return undefined;
      conflicts += 1;
      return new KubeApiError(409, 'Conflict', 'modified');
    };
    const change = (found: KubeObject): KubeObject => ({
      ...found,
      data: { ...(found.data as object), value: '2' },
    });
    await createOrMutate(client, configMap('2'), change, policy);
    expect(host.api.get(ref)).toMatchObject({ data: { other: 'kept', value: '2' } });
    expect(conflicts).toBe(2);
  });
});

describe('the time limit of a call', () => {
  test('begins with limitStart, and the error has the time for which the call was tried', async () => {
    const { client, host, policy } = setUp();
    host.api.reachable = false;
    const limitStart = host.clock.sleep(30_000);
    const limited = { ...policy, timeoutMs: 60_000, limitStart };
    await expect(createOrUpdate(client, configMap('1'), limited)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/^waited 1m30s for ConfigMap /),
      details: { timeoutMs: 60_000 },
    });
    expect(host.clock.monotonic()).toBeGreaterThanOrEqual(90_000);
  });
});

describe('createOrRetain', () => {
  test('does not change an existing object', async () => {
    const { client, host, policy } = setUp();
    await createOrRetain(client, configMap('1'), policy);
    await createOrRetain(client, configMap('2'), policy);
    expect(host.api.get(ref)).toMatchObject({ data: { value: '1' } });
  });
});
