import { describe, expect, test } from 'vitest';
import type { EtcdMember } from '../clients/etcd/etcd-client.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import { Crash, type MemoryHost, type MemoryHostOptions } from '../host/memory/index.ts';
import type { InitialMember } from '../manifests/etcd.ts';
import { etcdMember, hostWithEtcd } from './cluster.fixture.ts';
import { joinMember } from './join-member.ts';

const peerURL = 'https://10.0.0.9:2380';
const first = etcdMember('a', '10.0.0.5');
const second = etcdMember('b', '10.0.0.6');
const third = etcdMember('c', '10.0.0.7');
const unstarted = { id: '9', name: '', peerURLs: [peerURL], clientURLs: [], isLearner: true };

interface Node {
  readonly host: MemoryHost;
  readonly events: KubeadmEvent[];
  /** The members that each manifest named. */
  readonly manifests: (readonly InitialMember[])[];
  readonly uninstalled: string[];
  /** Each call that keeps a record, with the number of members at that time. */
  readonly recorded: {
    readonly mayBeMember: boolean;
    readonly ownsData: boolean;
    readonly members: number;
  }[];
  readonly stop: AbortController;
  /** Whether the process of the member can be restarted, which `onRestart` reports. */
  onRestart: (() => void) | undefined;
  takesPeers: boolean;
  readonly join: (own?: { readonly ownsData?: boolean }) => Promise<unknown>;
}

interface NodeOptions extends MemoryHostOptions {
  /** What the kubelet does with the manifest; by default the member starts. */
  readonly onInstall?: (node: Node) => void;
}

/** Starts the member of this node, as the kubelet does with its manifest. */
function start({ host }: Pick<Node, 'host'>): void {
  const { members } = host.etcdCluster;
  const own = [...members.values()].find(({ peerURLs }) => peerURLs.includes(peerURL));
  if (own !== undefined) members.set(own.id, { ...own, name: 'cp4', clientURLs: ['https://10.0.0.9:2379'] });
}

function nodeIn(members: readonly EtcdMember[], { onInstall = start, ...options }: NodeOptions = {}): Node {
  const host = hostWithEtcd(members, options);
  const node: Node = {
    host,
    events: [],
    manifests: [],
    uninstalled: [],
    recorded: [],
    stop: new AbortController(),
    onRestart: undefined,
    takesPeers: true,
    join: async (own) => {
      const client = host.etcd([first.clientURLs[0] ?? '']);
      await client.sync();
      const order = {
        own: { name: 'cp4', peerURL, dataDir: '/var/lib/etcd', ownsData: false, ...own },
        member: {
          install: async (all: readonly InitialMember[]) => {
            node.manifests.push(all);
            onInstall(node);
          },
          uninstall: async () => void node.uninstalled.push('manifest and data'),
          restart: async () => {
            node.onRestart?.();
            return node.onRestart !== undefined;
          },
          record: async (state: { readonly mayBeMember: boolean; readonly ownsData: boolean }) =>
            void node.recorded.push({ ...state, members: host.etcdCluster.members.size }),
          takesPeers: async () => node.takesPeers,
        },
        context: {
          emit: (event: KubeadmEvent) => void node.events.push(event),
          signal: node.stop.signal,
          timeoutMs: 120_000,
        },
      };
      return await joinMember(host, client, order).catch((error: unknown) => {
        if (error instanceof Crash) throw error;
        return error;
      });
    },
  };
  return node;
}

const own = ({ host }: Node) =>
  [...host.etcdCluster.members.values()].filter(({ peerURLs }) => peerURLs.includes(peerURL));
const types = ({ events }: Node) => events.map(({ type }) => type);
const changes = ({ host }: Node) =>
  host.gate.writes.filter(({ kind }) => kind === 'etcd').map(({ target }) => target.split(' ')[0]);

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

describe('a join that does not get to vote', () => {
  test('removes its member, the manifest and the data if the member never starts', async () => {
    const node = nodeIn([first], { onInstall: () => undefined });
    expect(messageOf(await node.join())).toMatch(/waited 120\.0s for etcd member 1000 to start on this node/);
    expect(changes(node)).toEqual(['memberAdd', 'memberRemove']);
    expect(node.uninstalled).toHaveLength(1);
    expect(node.events).toContainEqual({ type: 'etcd-member-removed', id: '1000', peerURL });
  });

  test.each(['member is added', 'member is installed'])(
    'puts everything back if the %s and the run is interrupted',
    async (when) => {
      const interrupted = new KubeadmError('interrupted', 'by the user');
      const node: Node = nodeIn([first], {
        onInstall: (joining) => {
          if (when === 'member is installed') joining.stop.abort(interrupted);
        },
      });
      node.host.gate.onWrite(({ target }) => {
        if (when === 'member is added' && target.startsWith('memberAdd')) node.stop.abort(interrupted);
      });
      expect(await node.join()).toBe(interrupted);
      expect(changes(node)).toEqual(['memberAdd', 'memberRemove']);
      expect(node.uninstalled).toHaveLength(when === 'member is installed' ? 1 : 0);
    },
  );

  test('keeps a member that votes, even if the run is interrupted right then', async () => {
    const interrupted = new KubeadmError('interrupted', 'by the user');
    const node = nodeIn([first]);
    node.host.gate.onWrite(({ target }) => {
      if (target.startsWith('memberPromote')) node.stop.abort(interrupted);
    });
    expect(await node.join()).toBe(interrupted);
    expect(own(node)).toMatchObject([{ isLearner: false }]);
    expect(node.uninstalled).toEqual([]);
  });

  test('warns of the member that it cannot remove, and how to remove it', async () => {
    const node = nodeIn([first], {
      onInstall: ({ host }) => {
        host.etcdCluster.reachable = false;
      },
    });
    expect(await node.join()).toBeInstanceOf(Error);
    expect(node.events.at(-1)).toMatchObject({
      type: 'warning',
      code: 'etcd-member-left',
      message: expect.stringContaining('member remove'),
    });
    expect(node.uninstalled).toEqual([]);
  });

  test('ends at once if somebody removes its member', async () => {
    const node = nodeIn([first], { onInstall: ({ host }) => host.etcdCluster.members.delete('1000') });
    expect(messageOf(await node.join())).toBe('etcd has no member 1000 any more: somebody has removed it');
    expect(node.host.clock.monotonic()).toBe(0);
    expect(node.uninstalled).toHaveLength(1);
  });
});
