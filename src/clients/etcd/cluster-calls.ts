/** The calls of etcd's services Cluster and Maintenance that kubeadm uses. */
import { ConnectError, createClient } from '@connectrpc/connect';

import { EtcdError } from '../../errors.ts';
import { answers } from './answers.ts';
import type { EtcdCall } from './endpoint-calls.ts';
import type { EtcdMember, EtcdStatus } from './etcd-client.ts';
import { Cluster, Maintenance, type Member } from './generated/etcd_pb.ts';

export const listing = (linearizable: boolean): EtcdCall<readonly EtcdMember[]> => ({
  name: 'MemberList',
  send: async (transport, options) =>
    (await createClient(Cluster, transport).memberList({ linearizable }, options)).members.map(memberOf),
});

/** Adds a learner. A member that already has the peer URL is the result, because an earlier answer may have been lost. */
export const addingLearner = (peerURL: string): EtcdCall<EtcdMember> => ({
  name: 'MemberAdd',
  send: async (transport, options) => {
    const withURL = async () =>
      (await listing(true).send(transport, options)).find(({ peerURLs }) => peerURLs.includes(peerURL));
    const known = await withURL();
    if (known !== undefined) return known;
    try {
      const request = { peerURLs: [peerURL], isLearner: true };
      const { member } = await createClient(Cluster, transport).memberAdd(request, options);
      if (member !== undefined) return memberOf(member);
      throw new Error('the answer holds no member');
    } catch (error) {
      const exists = ConnectError.from(error).rawMessage === answers.peerURLExists;
      const added = exists ? await withURL() : undefined;
      if (added !== undefined) return added;
      throw error;
    }
  },
});

/** @throws EtcdError if the id is not a hexadecimal number */
export function promoting(id: string): EtcdCall<unknown> {
  const ID = idOf(id);
  return {
    name: 'MemberPromote',
    send: async (transport, options) => await createClient(Cluster, transport).memberPromote({ ID }, options),
  };
}

/** The result has the members that remain. @throws EtcdError if the id is not a hexadecimal number */
export function removing(id: string): EtcdCall<readonly EtcdMember[]> {
  const ID = idOf(id);
  return {
    name: 'MemberRemove',
    send: async (transport, options) =>
      (await createClient(Cluster, transport).memberRemove({ ID }, options)).members.map(memberOf),
  };
}

export const askingStatus: EtcdCall<EtcdStatus> = {
  name: 'Status',
  send: async (transport, options) => {
    const { errors, header, isLearner, leader, version } = await createClient(Maintenance, transport).status(
      {},
      options,
    );
    return {
      memberId: (header?.memberId ?? 0n).toString(16),
      version,
      leader: leader === 0n ? undefined : leader.toString(16),
      isLearner,
      errors,
    };
  },
};

/** @throws EtcdError */
function idOf(id: string): bigint {
  if (/^[0-9a-f]{1,16}$/.test(id)) return BigInt(`0x${id}`);
  throw new EtcdError(
    'invalid_argument',
    `the etcd member id ${JSON.stringify(id)} is not a hexadecimal number`,
  );
}

function memberOf({ ID, name, peerURLs, clientURLs, isLearner }: Member): EtcdMember {
  return { id: ID.toString(16), name, peerURLs, clientURLs, isLearner };
}
