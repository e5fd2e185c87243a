import type { EtcdConnect, EtcdMember } from '../../clients/etcd/etcd-client.ts';
import type { Emit } from '../../events.ts';

/**
 * An etcd that is not there. It has one healthy member, which has no peer URL, so that the manifest of a new member names
 * only that one, as in a dry run of upstream. A new member starts at once.
 *
 * @param added the members that would have been added, for all clients of the run
 */
export function madeUpEtcd(added: Map<string, EtcdMember>, emit: Emit): EtcdConnect {
  return (endpoints) => {
    const [endpoint = ''] = endpoints;
    const other = { id: '1', name: 'other', peerURLs: [], clientURLs: [endpoint], isLearner: false };
    const memberList = async (): Promise<readonly EtcdMember[]> => [other, ...added.values()];
    return {
      endpoints: () => endpoints,
      sync: async () => endpoints,
      memberList,
      memberAddAsLearner: async (peerURL) => {
        emit({ type: 'would-add-member', peerURL });
        const id = (added.size + 2).toString(16);
        const member = { id, name: peerURL, peerURLs: [peerURL], clientURLs: [peerURL], isLearner: true };
        added.set(id, member);
        return member;
      },
      memberPromote: async (id) => {
        emit({ type: 'would-promote-member', id });
        const member = added.get(id);
        if (member !== undefined) added.set(id, { ...member, isLearner: false });
      },
      memberRemove: async (id) => {
        emit({ type: 'would-remove-member', id });
        added.delete(id);
        return await memberList();
      },
      status: async () => ({ memberId: '1', version: '', leader: '1', isLearner: false, errors: [] }),
      close: () => undefined,
    };
  };
}
