import { expect, test } from 'vitest';

import { messageOf } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { waitForQuorum } from './health.ts';

const endpoints = ['https://10.0.0.5:2379', 'https://10.0.0.6:2379', 'https://10.0.0.7:2379'];

function cluster(size: number) {
  const host = createMemoryHost();
  for (const [index, url] of endpoints.slice(0, size).entries()) {
    const id = `a${index}`;
    const member = { id, name: id, peerURLs: [], clientURLs: [url], isLearner: false };
    host.etcdCluster.members.set(id, member);
  }
  const events: KubeadmEvent[] = [];
  const wait = async () => {
    const client = host.etcd(endpoints.slice(0, size));
    const { signal } = new AbortController();
    const emit = (event: KubeadmEvent) => events.push(event);
    const options = { clock: host.clock, emit, signal, timeoutMs: 10_000, topic: 'check-etcd' };
    return await waitForQuorum(client, options).catch(messageOf);
  };
  return { host, events, wait };
}

test('the wait for a quorum of etcd ends at once if all members are healthy', async () => {
  const { events, wait } = cluster(3);
  expect(await wait()).toEqual(endpoints.map((endpoint) => ({ endpoint, problem: undefined })));
  expect(events).toEqual([]);
});

test('the wait for a quorum of etcd returns the problem of one member of three that does not answer', async () => {
  const { host, wait } = cluster(3);
  host.etcdCluster.unreachable.add(endpoints[0] ?? '');
  expect(await wait()).toContainEqual({
    endpoint: endpoints[0],
    problem: expect.stringContaining('10.0.0.5'),
  });
  expect(host.clock.monotonic()).toBe(0);
});

test.each([1, 2, 3])(
  'the wait for a quorum of etcd fails with every problem without a majority of %i members',
  async (size) => {
    const { host, events, wait } = cluster(size);
    for (const endpoint of endpoints.slice(0, size === 3 ? 2 : 1)) {
      host.etcdCluster.errors.set(endpoint, ['etcdserver: no leader']);
    }
    const error = await wait();
    expect(error).toMatch(
      /no quorum of etcd is healthy: etcd at https:\/\/10\.0\.0\.5:2379 reports etcdserver: no leader/,
    );
    expect(host.clock.monotonic()).toBe(10_000);
    expect(events).toMatchObject([{ type: 'waiting', for: 'a healthy quorum of etcd', timeoutMs: 10_000 }]);
  },
);
