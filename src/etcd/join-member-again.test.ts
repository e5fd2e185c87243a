import { describe, expect, test } from 'vitest';
import { messageOf } from '../errors.ts';
import { etcdMember } from './cluster.fixture.ts';
import { changes, first, nodeIn, own, second, types, unstarted } from './join-member.fixture.ts';

describe('a node whose peer URL etcd has already', () => {
  test('takes over a member that a run which was cut off had added', async () => {
    const node = nodeIn([first, unstarted]);
    expect(await node.join()).toBeUndefined();
    expect(types(node)).toEqual(['etcd-member-kept', 'etcd-member-promoted', 'etcd-member-joining']);
    expect(changes(node)).toEqual(['memberPromote']);
  });

  test('takes over a member that has started with the data on this node, and one that votes', async () => {
    const files = { '/var/lib/etcd/member/snap/db': 'x' };
    for (const isLearner of [true, false]) {
      const node = nodeIn([first, etcdMember('9', '10.0.0.9', { isLearner, name: 'cp4' })], { files });
      expect(await node.join()).toBeUndefined();
      expect(changes(node)).toEqual(isLearner ? ['memberPromote'] : []);
      expect(own(node)).toMatchObject([{ id: '9', isLearner: false }]);
      expect(node.host.snapshot('/var/lib/etcd')).toHaveProperty(['/var/lib/etcd/member/snap/db']);
    }
  });

  test('replaces a member of this node whose data is gone', async () => {
    const node = nodeIn([first, second, etcdMember('9', '10.0.0.9', { name: 'cp4' })]);
    node.host.etcdCluster.unreachable.add('https://10.0.0.9:2379');
    const { unreachable } = node.host.etcdCluster;
    node.host.gate.onWrite(({ target }) => {
      if (target.startsWith('memberAdd')) unreachable.clear();
    });
    expect(await node.join()).toBeUndefined();
    expect(node.events[0]).toMatchObject({ type: 'warning', code: 'etcd-member-replaced' });
    expect(changes(node)).toEqual(['memberRemove', 'memberAdd', 'memberPromote']);
    expect(own(node)).toHaveLength(1);
  });

  test('does not replace a member whose removal would cost the quorum', async () => {
    const node = nodeIn([first, second, etcdMember('9', '10.0.0.9', { name: 'cp4' })]);
    node.host.etcdCluster.unreachable.add('https://10.0.0.9:2379').add('https://10.0.0.6:2379');
    expect(messageOf(await node.join())).toMatch(/without a quorum: 2 of 2 voting members/);
    expect(changes(node)).toEqual([]);
  });

  test.each([
    ['answers', 'cp4', [], /answers, but its data is not in \/var\/lib\/etcd of this node/],
    [
      'has the name of another node',
      'cp1',
      ['https://10.0.0.9:2379'],
      /whose member would have the name cp4/,
    ],
  ])('is refused if that member %s', async (_, name, silent, message) => {
    const node = nodeIn([first, etcdMember('9', '10.0.0.9', { name })]);
    for (const url of silent) node.host.etcdCluster.unreachable.add(url);
    const error = await node.join();
    expect(error).toMatchObject({ code: 'refused', hint: expect.stringContaining('member remove 9') });
    expect(messageOf(error)).toMatch(message);
    expect(node.host.clock.monotonic()).toBe(0);
    expect(changes(node)).toEqual([]);
  });

  test('leaves the learner of another node alone that has the same address', async () => {
    const node = nodeIn([first, etcdMember('9', '10.0.0.9', { name: 'cp4', isLearner: true })]);
    expect(await node.join()).toMatchObject({ code: 'refused' });
    expect(own(node)).toHaveLength(1);
  });
});

describe('data of etcd on a node that is not a member', () => {
  const files = { '/var/lib/etcd/member/snap/db': 'x' };

  test('is refused before anything changes', async () => {
    const node = nodeIn([first], { files });
    const error = await node.join();
    expect(error).toMatchObject({ code: 'refused', hint: expect.stringContaining('kubeadm reset') });
    expect(changes(node)).toEqual([]);
  });

  test('is deleted if a run that did not end has left it', async () => {
    const node = nodeIn([first], { files });
    expect(await node.join({ ownsData: true })).toBeUndefined();
    expect(node.host.snapshot('/var/lib/etcd')).not.toHaveProperty(['/var/lib/etcd/member/snap/db']);
  });
});
