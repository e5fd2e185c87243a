/** The etcd cluster of a memory host. */
import { answers } from '../../clients/etcd/answers.ts';
import { type EtcdConnect, type EtcdMember, votingEndpoints } from '../../clients/etcd/etcd-client.ts';
import { EtcdError } from '../../errors.ts';
import type { WriteGate } from './gate.ts';

export interface MemoryEtcd {
  readonly connect: EtcdConnect;
  /** While false, no endpoint answers. */
  reachable: boolean;
  /** While false, the members have no leader, and only reads that need no quorum are answered. */
  hasQuorum: boolean;
  /** Endpoints that do not answer while others do. */
  readonly unreachable: Set<string>;
  /** Members by id. */
  readonly members: Map<string, EtcdMember>;
  /** Ids of learners that have not caught up with the leader yet. */
  readonly notInSync: Set<string>;
  /** Errors that a member reports, by its endpoint. */
  readonly errors: Map<string, readonly string[]>;
}

export function createMemoryEtcd(gate: WriteGate): MemoryEtcd {
  const { members, ...state } = {
    reachable: true,
    hasQuorum: true,
    unreachable: new Set<string>(),
    members: new Map<string, EtcdMember>(),
    notInSync: new Set<string>(),
    errors: new Map<string, readonly string[]>(),
  };
  let added = 0;
  const answering = (endpoint: string): boolean => etcd.reachable && !etcd.unreachable.has(endpoint);
  const silent = (endpoints: readonly string[]): EtcdError =>
    new EtcdError('unavailable', `no etcd member answers at ${endpoints.join(', ')}`);
  const known = (id: string): EtcdMember => {
    const member = members.get(id);
    if (member !== undefined) return member;
    throw new EtcdError('not_found', answers.memberNotFound, { answer: answers.memberNotFound });
  };

  const connect: EtcdConnect = (given) => {
    let endpoints = given;
    const enter = (signal: AbortSignal | undefined, needsQuorum = true): void => {
      gate.check();
      signal?.throwIfAborted();
      if (!endpoints.some(answering)) throw silent(endpoints);
      if (needsQuorum && !etcd.hasQuorum) throw new EtcdError('unavailable', 'etcdserver: no leader');
    };
    return {
      endpoints: () => endpoints,
      sync: async ({ signal } = {}) => {
        enter(signal);
        const voting = votingEndpoints([...members.values()]);
        if (voting.length > 0) endpoints = voting;
        return endpoints;
      },
      memberList: async ({ linearizable, signal } = {}) => {
        enter(signal, linearizable);
        return [...members.values()];
      },
      memberAddAsLearner: async (peerURL, { signal } = {}) => {
        enter(signal);
        const present = [...members.values()].find(({ peerURLs }) => peerURLs.includes(peerURL));
        if (present !== undefined) return present;
        if ([...members.values()].some(({ isLearner }) => isLearner)) {
          const answer = answers.tooManyLearners;
          throw new EtcdError('failed_precondition', answer, { answer });
        }
        added += 1;
        const id = (0xfff + added).toString(16);
        const member = { id, name: '', peerURLs: [peerURL], clientURLs: [], isLearner: true };
        gate.write('etcd', `memberAdd ${peerURL}`, () => members.set(id, member));
        return member;
      },
      memberPromote: async (id, { signal } = {}) => {
        enter(signal);
        const member = known(id);
        if (!member.isLearner) return;
        if (member.name === '' || etcd.notInSync.has(id)) {
          throw new EtcdError('failed_precondition', answers.notInSync, { answer: answers.notInSync });
        }
        gate.write('etcd', `memberPromote ${id}`, () => members.set(id, { ...member, isLearner: false }));
      },
      memberRemove: async (id, { signal } = {}) => {
        enter(signal);
        known(id);
        gate.write('etcd', `memberRemove ${id}`, () => members.delete(id));
        return [...members.values()];
      },
      status: async (endpoint, { signal } = {}) => {
        gate.check();
        signal?.throwIfAborted();
        const member = [...members.values()].find(({ clientURLs }) => clientURLs.includes(endpoint));
        if (member === undefined || !answering(endpoint)) throw silent([endpoint]);
        return {
          memberId: member.id,
          version: '3.6.8',
          leader: etcd.hasQuorum ? members.keys().next().value : undefined,
          isLearner: member.isLearner,
          errors: etcd.errors.get(endpoint) ?? [],
        };
      },
      close: () => undefined,
    };
  };
  const etcd: MemoryEtcd = { ...state, members, connect };
  return etcd;
}
