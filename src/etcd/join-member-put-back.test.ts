import { describe, expect, test } from 'vitest';
import { KubeadmError, messageOf } from '../errors.ts';
import { changes, first, type Node, nodeIn, own, peerURL } from './join-member.fixture.ts';

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
