import { describe, expect, test } from 'vitest';

import { KubeApiError, NetError } from '../../errors.ts';
import { createMemoryHost } from '../../host/memory/index.ts';
import { adminKubeconfig } from '../../kubeconfig/kubeconfig.fixture.ts';
import type { KubeClient, KubeObject } from './kube-client.ts';
import { waitFor } from './wait-for.ts';

const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n' };
const object = (name: string, value = '1'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'n' },
  data: { value },
});
const isTwo = (objects: readonly KubeObject[]): string | undefined =>
  objects.find(({ data }) => (data as { readonly value: string }).value === '2')?.metadata.name;
const turns = async (count: number): Promise<void> => {
  for (let left = count; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
};

/** The clock stands still until a test advances it. */
function start(
  more: Partial<Parameters<typeof waitFor>[3]> = {},
  change?: (client: KubeClient) => KubeClient,
) {
  const host = createMemoryHost({ time: 'manual' });
  const client = host.kube(adminKubeconfig);
  const verbs = () => host.api.requests.map(({ verb }) => verb);
  const options = { clock: host.clock, what: 'a two', timeoutMs: 60_000, ...more };
  return { host, verbs, waiting: () => waitFor(change?.(client) ?? client, query, isTwo, options) };
}

describe('waitFor', () => {
  test('returns an object that already matches after one list', async () => {
    const { host, verbs, waiting } = start();
    host.api.create(object('a', '2'));
    expect(await waiting()).toBe('a');
    expect(verbs()).toEqual(['list']);
  });

  test('returns as soon as a watch event matches, without waiting for a timer', async () => {
    const { host, verbs, waiting } = start();
    host.api.create(object('a'));
    const found = waiting();
    await turns(5);
    host.api.create(object('b'));
    host.api.delete({ apiVersion: 'v1', kind: 'ConfigMap', name: 'b', namespace: 'n' });
    host.api.update(object('a', '2'));
    expect(await found).toBe('a');
    expect(verbs()).toEqual(['list', 'watch']);
    expect(host.clock.monotonic()).toBe(0);
  });

  test('does not miss a change between the list and the watch', async () => {
    const { host, waiting } = start();
    host.api.intercept = ({ verb }) => {
      if (verb === 'watch') host.api.create(object('a', '2'));
      return undefined;
    };
    expect(await waiting()).toBe('a');
  });

  test('lists again when the server has forgotten the state of the list', async () => {
    const { host, verbs, waiting } = start();
    let forgotten = false;
    host.api.intercept = ({ verb }) => {
      if (verb !== 'watch' || forgotten) return undefined;
      forgotten = true;
      host.api.create(object('a', '2'));
      host.api.compact();
      return undefined;
    };
    const found = waiting();
    await turns(5);
    await host.time.advance(100);
    expect(await found).toBe('a');
    expect(verbs()).toEqual(['list', 'watch', 'list']);
  });

  test('lists again when a call fails, and when a watch breaks', async () => {
    let broken = 0;
    const breaking = (client: KubeClient): KubeClient => ({
      ...client,
      watch: async function* (...args) {
        broken += 1;
        if (broken === 1) throw new NetError('the connection was reset', 'ECONNRESET');
        yield* client.watch(...args);
      },
    });
    const { host, waiting } = start({}, breaking);
    host.api.reachable = false;
    const found = waiting();
    await host.time.advance(1000);
    host.api.reachable = true;
    await host.time.advance(1000);
    expect(broken).toBe(2);
    host.api.create(object('a', '2'));
    expect(await found).toBe('a');
  });

  test('fails at the deadline, and names the wait and the missing objects', async () => {
    const missing = (objects: readonly KubeObject[]): string => `${objects.length} ConfigMaps have none`;
    const { host, waiting } = start({ missing });
    host.api.create(object('a'));
    const found = waiting();
    const failed = expect(found).rejects.toThrow(
      'waited 60.0s for a two (1 tries); the last one: 1 ConfigMaps have none',
    );
    await host.time.advance(60_000);
    await failed;
  });

  test('fails at the deadline with the last error of the server', async () => {
    const { host, waiting } = start();
    host.api.intercept = () => new KubeApiError(403, 'Forbidden', 'not you');
    const failed = expect(waiting()).rejects.toThrow(/for a two \(\d+ tries\); the last one: not you/);
    await host.time.advance(60_000);
    await failed;
  });

  test('throws an error that giveUp accepts at once', async () => {
    const { host, waiting } = start({ giveUp: (error) => error instanceof KubeApiError });
    host.api.intercept = () => new KubeApiError(403, 'Forbidden', 'not you');
    await expect(waiting()).rejects.toThrow(/^not you$/);
  });

  test('fails with the reason of an aborted signal', async () => {
    const stop = new AbortController();
    const { waiting } = start({ signal: stop.signal });
    const failed = expect(waiting()).rejects.toThrow('another phase failed');
    await turns(5);
    stop.abort(new Error('another phase failed'));
    await failed;
  });
});
