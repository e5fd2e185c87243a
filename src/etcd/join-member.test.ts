import { describe, expect, test } from 'vitest';
import { KubeadmError, messageOf } from '../errors.ts';
import { etcdMember } from './cluster.fixture.ts';
import {
  changes,
  first,
  type Node,
  nodeIn,
  own,
  peerURL,
  second,
  start,
  third,
  types,
  unstarted,
} from './join-member.fixture.ts';

describe('a node that joins etcd', () => {
  test('is recorded before it is a member, and not any more when it was put back', async () => {
    const node = nodeIn([first], { onInstall: ({ stop }) => stop.abort(new KubeadmError('etcd', 'x')) });
    expect(await node.join()).toBeInstanceOf(KubeadmError);
    expect(node.recorded).toEqual([
      { mayBeMember: true, ownsData: true, members: 1 },
      { mayBeMember: false, ownsData: true, members: 1 },
    ]);
    const joined = nodeIn([first]);
    await joined.join();
    expect(joined.recorded).toEqual([{ mayBeMember: true, ownsData: true, members: 1 }]);
  });

  test('does not own the files that were in the data directory before', async () => {
    const node = nodeIn([first], { files: { '/var/lib/etcd/backup.db': 'x' } });
    await node.join();
    expect(node.recorded).toMatchObject([{ mayBeMember: true, ownsData: false }]);
    const own = nodeIn([first], { files: { '/var/lib/etcd/member/snap/db': 'x' } });
    await own.join({ ownsData: true });
    expect(own.recorded).toMatchObject([{ mayBeMember: true, ownsData: true }]);
  });

  test('is added as a learner, starts with the names of all members, and votes', async () => {
    const nameless = { ...second, name: '', clientURLs: [] };
    const node = nodeIn([first, third, nameless]);
    expect(await node.join()).toBeUndefined();
    expect(node.manifests).toEqual([
      [
        { name: 'node-a', peerURL: 'https://10.0.0.5:2380' },
        { name: 'node-c', peerURL: 'https://10.0.0.7:2380' },
        { name: 'b', peerURL: 'https://10.0.0.6:2380' },
        { name: 'cp4', peerURL },
      ],
    ]);
    expect(own(node)).toMatchObject([{ name: 'cp4', isLearner: false }]);
    expect(types(node)).toEqual(['etcd-member-added', 'etcd-member-promoted', 'etcd-member-joining']);
    expect(changes(node)).toEqual(['memberAdd', 'memberPromote']);
  });

  test('notices within 100 ms that its member has started and is in step', async () => {
    const node = nodeIn([first], { onInstall: () => undefined, time: 'manual' });
    let ended = false;
    const joined = node.join().then((error) => {
      ended = true;
      return error;
    });
    await node.host.time.advance(20_000);
    expect(node.manifests).toHaveLength(1);
    node.host.etcdCluster.notInSync.add(own(node)[0]?.id ?? '');
    start(node);
    await node.host.time.advance(30_000);
    expect(ended).toBe(false);
    node.host.etcdCluster.notInSync.clear();
    await node.host.time.advance(100);
    expect(ended).toBe(true);
    expect(await joined).toBeUndefined();
    expect(own(node)).toMatchObject([{ isLearner: false }]);
  });

  test('waits for the learner of another node, which it names, and goes on when that one votes', async () => {
    const other = etcdMember('b', '10.0.0.6', { isLearner: true, name: 'cp3' });
    const node = nodeIn([first, other], { time: 'manual' });
    const joined = node.join();
    await node.host.time.advance(30_000);
    expect(node.events).toEqual([
      {
        type: 'waiting',
        topic: 'etcd',
        for: 'etcd member b (cp3) at https://10.0.0.6:2380, which joins at the same time, to become a voting member',
        timeoutMs: 120_000,
      },
    ]);
    expect(changes(node)).toEqual([]);
    node.host.etcdCluster.members.set('b', { ...other, isLearner: false });
    await node.host.time.advance(100);
    expect(await joined).toBeUndefined();
    expect(types(node)).toContain('waited');
    expect(own(node)).toMatchObject([{ isLearner: false }]);
  });

  test('names the learner that blocks it for too long, and how to remove it', async () => {
    const node = nodeIn([first, etcdMember('b', '10.0.0.6', { isLearner: true, name: '', clientURLs: [] })]);
    const error = await node.join();
    expect(messageOf(error)).toMatch(/etcd member b at https:\/\/10\.0\.0\.6:2380.*never started/);
    expect(error).toMatchObject({ code: 'etcd', hint: expect.stringContaining('member remove b') });
    expect(changes(node)).toEqual([]);
  });

  test('is not added if it cannot connect to a member at its peer URL', async () => {
    const node = nodeIn([first, second, etcdMember('c', '10.0.0.7', { isLearner: true })]);
    node.host.machine.silent.add('https://10.0.0.5:2380');
    node.host.etcdCluster.unreachable.add('https://10.0.0.6:2380');
    expect(await node.join()).toMatchObject({
      code: 'etcd',
      message: expect.stringMatching(
        /^this node cannot connect to the members of etcd at their peer URLs: .*https:\/\/10\.0\.0\.5:2380 \(no answer\), https:\/\/10\.0\.0\.6:2380 \(connection refused\)$/,
      ),
      hint: expect.stringContaining('firewall'),
      details: { unreachable: ['https://10.0.0.5:2380', 'https://10.0.0.6:2380'] },
    });
    expect(changes(node)).toEqual([]);
    expect(node.recorded).toEqual([]);
    expect(node.host.clock.monotonic()).toBeLessThan(21_000);
  });

  test('takes over the learner of an earlier try without a connection to its peers, so that it can remove it', async () => {
    const node = nodeIn([first, unstarted], { onInstall: () => undefined });
    node.host.machine.silent.add('https://10.0.0.5:2380');
    expect(messageOf(await node.join())).toContain('to start on this node');
    expect(changes(node)).toEqual(['memberRemove']);
  });

  test('joins although it cannot connect to one of the members, with a warning', async () => {
    const node = nodeIn([first, second, third]);
    node.host.machine.silent.add('https://10.0.0.6:2380');
    expect(await node.join()).toBeUndefined();
    expect(node.events).toContainEqual({
      type: 'warning',
      code: 'etcd-peer-unreachable',
      topic: 'etcd',
      message: 'This node cannot connect to these members of etcd: https://10.0.0.6:2380 (no answer)',
    });
  });

  test('says which port the leader needs while its learner gets nothing', async () => {
    const node = nodeIn([first], {
      onInstall: (joining) => {
        start(joining);
        joining.host.etcdCluster.notInSync.add('1000');
      },
    });
    const error = await node.join();
    const advice = expect.stringContaining('through the peer port of this node');
    expect(error).toMatchObject({ code: 'etcd', hint: advice, details: { unreachable: [peerURL] } });
    expect(messageOf(error)).toMatch(/waited 120\.\ds for etcd member 1000 to be in step with the leader/);
    const advised = node.events.filter(({ type }) => type === 'progress');
    expect(advised).toEqual([{ type: 'progress', topic: 'etcd', message: advice }]);
    expect(changes(node)).toEqual(['memberAdd', 'memberRemove']);
  });

  test('is not added while etcd has no quorum, and the reason is given', async () => {
    const node = nodeIn([first, second]);
    node.host.etcdCluster.unreachable.add('https://10.0.0.6:2379');
    expect(messageOf(await node.join())).toMatch(
      /etcd takes no member without a quorum: 2 of 2 voting members must be healthy, and 1 is; .*10\.0\.0\.6/,
    );
    expect(changes(node)).toEqual([]);
  });

  describe('whose learner does not take requests of clients', () => {
    const client = 'https://10.0.0.9:2379';
    const silent = (joining: Node): void => {
      start(joining);
      joining.host.etcdCluster.unreachable.add(client);
    };

    test('restarts it once before it votes', async () => {
      const node = nodeIn([first], { onInstall: silent });
      let restarts = 0;
      node.onRestart = () => {
        restarts += 1;
        expect(own(node)).toMatchObject([{ isLearner: true }]);
        node.host.etcdCluster.unreachable.delete(client);
      };
      expect(await node.join()).toBeUndefined();
      expect(restarts).toBe(1);
      expect(node.events).toContainEqual({ type: 'etcd-member-restarted', id: '1000' });
      expect(node.host.clock.monotonic()).toBeLessThan(1_000);
      expect(own(node)).toMatchObject([{ isLearner: false }]);
    });

    test('does not restart it if it takes them within a moment', async () => {
      const node = nodeIn([first], { onInstall: silent, time: 'manual' });
      node.onRestart = () => expect.unreachable('the member was restarted');
      const joined = node.join();
      await node.host.time.advance(300);
      node.host.etcdCluster.unreachable.delete(client);
      await node.host.time.advance(200);
      expect(await joined).toBeUndefined();
    });

    test('lets it vote after a while all the same', async () => {
      const node = nodeIn([first], { onInstall: silent });
      node.host.gate.onWrite(({ target }) => {
        if (target.startsWith('memberPromote')) node.host.etcdCluster.unreachable.delete(client);
      });
      expect(await node.join()).toBeUndefined();
      expect(own(node)).toMatchObject([{ isLearner: false }]);
      expect(node.events.map(({ type }) => type)).not.toContain('etcd-member-restarted');
    });

    test('removes it when the run is interrupted', async () => {
      const interrupted = new KubeadmError('interrupted', 'by the user');
      const node = nodeIn([first], { onInstall: silent });
      node.onRestart = () => node.stop.abort(interrupted);
      expect(await node.join()).toBe(interrupted);
      expect(changes(node)).toEqual(['memberAdd', 'memberRemove']);
    });
  });

  test('does not vote while etcd would lose its quorum by that', async () => {
    const node = nodeIn([first, second, third], {
      onInstall: (joining) => {
        start(joining);
        joining.takesPeers = false;
        joining.host.etcdCluster.unreachable.add('https://10.0.0.6:2379');
      },
    });
    expect(messageOf(await node.join())).toMatch(
      /would lose its quorum if the member voted: 3 of 4 voting members must be healthy, and 2 are/,
    );
    expect(changes(node)).toEqual(['memberAdd', 'memberRemove']);
  });
});
