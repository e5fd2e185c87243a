import { expect, test } from 'vitest';

import { messageOf } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { quorumProblem, waitForQuorum } from './health.ts';

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
  const member = (id: string) => expect.objectContaining({ id });
  expect(await wait()).toEqual(
    ['a0', 'a1', 'a2'].map((id) => ({ member: member(id), problem: undefined, works: true })),
  );
  expect(events).toEqual([]);
});

test('the wait for a quorum of etcd returns the problem of one member of three that does not answer', async () => {
  const { host, wait } = cluster(3);
  host.etcdCluster.unreachable.add(endpoints[0] ?? '');
  expect(await wait()).toContainEqual({
    member: expect.objectContaining({ id: 'a0' }),
    problem: expect.stringContaining('10.0.0.5'),
    works: false,
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
      /no quorum of etcd is healthy: \d of \d voting members must be healthy, and \d (?:is|are); etcd at https:\/\/10\.0\.0\.5:2379 reports etcdserver: no leader/,
    );
    expect(host.clock.monotonic()).toBe(10_000);
    expect(events).toMatchObject([{ type: 'waiting', for: 'a healthy quorum of etcd', timeoutMs: 10_000 }]);
  },
);

test('a voting member of etcd that never started counts for the quorum, and a learner does not', async () => {
  const { host, wait } = cluster(1);
  const added = { id: 'b', name: '', peerURLs: ['https://10.0.0.6:2380'], clientURLs: [] };
  host.etcdCluster.members.set('b', { ...added, isLearner: true });
  expect(await wait()).toHaveLength(1);
  host.etcdCluster.members.set('b', { ...added, isLearner: false });
  expect(await wait()).toMatch(
    /2 of 2 voting members must be healthy, and 1 is; etcd member b at https:\/\/10\.0\.0\.6:2380 has not started/,
  );
});

test('a quorum of etcd is looked at with the members after a change', () => {
  const member = { id: 'a', name: 'a', peerURLs: [], clientURLs: [] };
  const healthy = { member, problem: undefined, works: true };
  const dead = { member, problem: 'no answer', works: false };
  expect(quorumProblem([healthy, healthy, dead])).toBeUndefined();
  // Without one of the healthy members.
  expect(quorumProblem([healthy, dead])).toBe('2 of 2 voting members must be healthy, and 1 is; no answer');
});
