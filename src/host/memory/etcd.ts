/** The etcd cluster of a memory host. */
import { answers } from '../../clients/etcd/answers.ts';
import {
  type EtcdClient,
  type EtcdConnect,
  type EtcdMember,
  votingEndpoints,
} from '../../clients/etcd/etcd-client.ts';
import { EtcdError } from '../../errors.ts';
import type { WriteGate } from './gate.ts';

export interface MemoryEtcd {
  readonly connect: EtcdConnect;
  /** Whether a member takes connections at this URL. */
  readonly accepts: (url: string) => boolean;
  /** While false, no endpoint answers. */
  reachable: boolean;
  /** While false, the members have no leader, and only reads that need no quorum are answered. */
  hasQuorum: boolean;
  /** URLs of members that take no connections while others do. */
  readonly unreachable: Set<string>;
  /** Members by id. */
  readonly members: Map<string, EtcdMember>;
  /** Ids of learners that have not caught up with the leader yet. */
  readonly notInSync: Set<string>;
  /** Errors that a member reports, by its endpoint. */
  readonly errors: Map<string, readonly string[]>;
}

export function createMemoryEtcd(gate: WriteGate): MemoryEtcd {
  let added = 0;
  const nextId = (): string => {
    added += 1;
    return (0xfff + added).toString(16);
  };
  const etcd: MemoryEtcd = {
    reachable: true,
    hasQuorum: true,
    unreachable: new Set(),
    members: new Map(),
    notInSync: new Set(),
    errors: new Map(),
    accepts: (url) =>
      [...etcd.members.values()].some(({ clientURLs, peerURLs }) =>
        [...clientURLs, ...peerURLs].includes(url),
      ) && isAnswering(etcd, url),
    connect: (endpoints) => clientOf(endpoints, { etcd, gate, nextId }),
  };
  return etcd;
}

interface Cluster {
  readonly etcd: MemoryEtcd;
  readonly gate: WriteGate;
  /** Makes the id of a new member. */
  readonly nextId: () => string;
}

/** Begins a call. It fails if no endpoint of the client answers. */
type Enter = (signal: AbortSignal | undefined, needsQuorum?: boolean) => void;

function clientOf(given: readonly string[], cluster: Cluster): EtcdClient {
  const { etcd, gate } = cluster;
  let endpoints = given;
  const enter: Enter = (signal, needsQuorum = true) => {
    gate.check();
    signal?.throwIfAborted();
    if (!endpoints.some((endpoint) => isAnswering(etcd, endpoint))) throw silent(endpoints);
    if (needsQuorum && !etcd.hasQuorum) throw new EtcdError('unavailable', 'etcdserver: no leader');
  };
  return {
    endpoints: () => endpoints,
    sync: async ({ signal } = {}) => {
      enter(signal);
      const voting = votingEndpoints([...etcd.members.values()]);
      if (voting.length > 0) endpoints = voting;
      return endpoints;
    },
    ...memberCalls(cluster, enter),
    status: async (endpoint, { signal } = {}) => {
      gate.check();
      signal?.throwIfAborted();
      const member = [...etcd.members.values()].find(({ clientURLs }) => clientURLs.includes(endpoint));
      if (member === undefined || !isAnswering(etcd, endpoint)) throw silent([endpoint]);
      return {
        memberId: member.id,
        version: '3.6.8',
        leader: etcd.hasQuorum ? etcd.members.keys().next().value : undefined,
        isLearner: member.isLearner,
        errors: etcd.errors.get(endpoint) ?? [],
      };
    },
    close: () => undefined,
  };
}

function memberCalls(
  { etcd: { members, notInSync }, gate, nextId }: Cluster,
  enter: Enter,
): Pick<EtcdClient, 'memberList' | 'memberAddAsLearner' | 'memberPromote' | 'memberRemove'> {
  const known = (id: string): EtcdMember => {
    const member = members.get(id);
    if (member !== undefined) return member;
    throw new EtcdError('not_found', answers.memberNotFound, { answer: answers.memberNotFound });
  };
  return {
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
      const id = nextId();
      const member = { id, name: '', peerURLs: [peerURL], clientURLs: [], isLearner: true };
      gate.write('etcd', `memberAdd ${peerURL}`, () => members.set(id, member));
      return member;
    },
    memberPromote: async (id, { signal } = {}) => {
      enter(signal);
      const member = known(id);
      if (!member.isLearner) return;
      if (member.name === '' || notInSync.has(id)) {
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
  };
}

function isAnswering({ reachable, unreachable }: MemoryEtcd, endpoint: string): boolean {
  return reachable && !unreachable.has(endpoint);
}

function silent(endpoints: readonly string[]): EtcdError {
  return new EtcdError('unavailable', `no etcd member answers at ${endpoints.join(', ')}`);
}
