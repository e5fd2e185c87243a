import { expect, test } from 'vitest';
import type { EtcdClient } from '../clients/etcd/etcd-client.ts';
import { etcdMember, hostWithEtcd } from './cluster.fixture.ts';
import { waitUntilServing } from './serving-learner.ts';

const member = etcdMember('9', '10.0.0.9', { isLearner: true });
const slowMs = 1_000;

/** Waits for the member with a list of members that takes long, and returns the times of its restarts. */
async function restartsOf(
  isLearner: boolean,
  { votesAfterMs = Number.POSITIVE_INFINITY } = {},
): Promise<readonly number[]> {
  const host = hostWithEtcd([etcdMember('a', '10.0.0.5'), { ...member, isLearner }], { time: 'manual' });
  host.etcdCluster.unreachable.add('https://10.0.0.9:2379');
  const inner = host.etcd(['https://10.0.0.5:2379']);
  const client: EtcdClient = {
    ...inner,
    memberList: async (options) => {
      await host.clock.sleep(slowMs, options?.signal);
      if (host.clock.monotonic() >= votesAfterMs)
        host.etcdCluster.members.set('9', { ...member, isLearner: false });
      return await inner.memberList(options);
    },
  };
  const restarts: number[] = [];
  const restart = async (): Promise<boolean> => {
    restarts.push(host.clock.monotonic());
    return true;
  };
  const context = { emit: () => undefined, signal: new AbortController().signal, timeoutMs: 120_000 };
  const waiting = waitUntilServing(host, client, { id: '9', restart, context });
  await host.time.advance(30_000);
  await waiting;
  return restarts;
}

test('a member that votes is not restarted when the list of members takes long', async () => {
  expect(await restartsOf(false)).toEqual([]);
});

test('a learner that begins to vote while it is waited for is not restarted', async () => {
  expect(await restartsOf(true, { votesAfterMs: 1_200 })).toEqual([]);
});

test('a learner gets its time after the list that shows it', async () => {
  const restarts = await restartsOf(true);
  expect(restarts).toHaveLength(1);
  expect(restarts[0]).toBeGreaterThan(slowMs + 400);
});
