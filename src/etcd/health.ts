/** The quorum of etcd. Source: util/etcd/etcd.go, CheckClusterHealth; server/etcdserver/api/membership of etcd. */
import type { EtcdClient, EtcdMember } from '../clients/etcd/etcd-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import { EtcdError, KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Clock } from '../host.ts';

export interface MemberHealth {
  readonly member: Pick<EtcdMember, 'id' | 'name' | 'peerURLs' | 'clientURLs'>;
  /** The error that the member reports, or why it did not answer; undefined for a healthy member. */
  readonly problem: string | undefined;
  /** Whether it answers and knows the leader. Such a member may have a problem that does not stop it, such as no space. */
  readonly works: boolean;
}

/** A majority that is missing. */
export interface QuorumLoss {
  /** The number of voting members, and how many of them etcd needs. */
  readonly voting: number;
  readonly needed: number;
  /** The members that do not count. */
  readonly unhealthy: readonly MemberHealth[];
}

/**
 * Waits until a majority of the voting members is healthy, and returns the state of each of them. The caller reports those
 * that are not healthy.
 *
 * @throws RetryTimeout with the problem of each member, if there is no quorum within `timeoutMs`; the signal's reason
 */
export async function waitForQuorum(
  client: EtcdClient,
  options: {
    readonly clock: Clock;
    readonly emit: Emit;
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    /** The topic of the events that report the wait: the name of the command. */
    readonly topic: string;
  },
): Promise<readonly MemberHealth[]> {
  return await retryWithEvents(
    async () => {
      const voters = await readVoters(client, options.signal);
      const problem = quorumProblem(voters);
      if (problem === undefined) return voters;
      throw new KubeadmError('etcd', `no quorum of etcd is healthy: ${problem}`);
    },
    { ...options, what: 'a healthy quorum of etcd' },
  );
}

/**
 * The state of every voting member, asked at the same time. Members that never started count, because etcd counts them.
 *
 * @throws KubeadmError `etcd` with the problem of each endpoint, if the members cannot be listed, for example without a
 *   leader; the signal's reason
 */
export async function readVoters(client: EtcdClient, signal?: AbortSignal): Promise<readonly MemberHealth[]> {
  const members = await client.memberList({ ...(signal && { signal }) }).catch(async (error: unknown) => {
    if (!(error instanceof EtcdError)) throw error;
    const states = await Promise.all(client.endpoints().map((url) => healthAt(client, url, signal)));
    const reported = states.flatMap(({ problem }) => problem ?? []);
    const message = `the members of etcd cannot be listed: ${reported.join('; ') || error.message}`;
    throw new KubeadmError('etcd', message, { cause: error });
  });
  const voters = members.filter(({ isLearner }) => !isLearner);
  return await Promise.all(voters.map((member) => readHealth(client, member, signal)));
}

/** Asks a member at its client URLs, one after the other. */
export async function readHealth(
  client: EtcdClient,
  member: EtcdMember,
  signal?: AbortSignal,
): Promise<MemberHealth> {
  let state: Omit<MemberHealth, 'member'> = {
    problem: `${describeMember(member)} has not started`,
    works: false,
  };
  for (const url of member.clientURLs) {
    state = await healthAt(client, url, signal);
    if (state.works) break;
  }
  return { member, ...state };
}

/**
 * Whether these voting members have a quorum; undefined if they have one. To look at a change before it is made, pass the
 * voting members that etcd would have after it.
 *
 * @param counts the members that count; defaults to the healthy ones
 */
export function quorumLoss(
  voters: readonly MemberHealth[],
  counts: (member: MemberHealth) => boolean = ({ problem }) => problem === undefined,
): QuorumLoss | undefined {
  const needed = Math.floor(voters.length / 2) + 1;
  const unhealthy = voters.filter((voter) => !counts(voter));
  if (voters.length - unhealthy.length >= needed) return undefined;
  return { voting: voters.length, needed, unhealthy };
}

/** `2 of 3 voting members must be healthy, and 1 is; …` with the problem of each other member */
export function describeQuorumLoss({ needed, unhealthy, voting }: QuorumLoss): string {
  if (voting === 0) return 'etcd would have no voting member, only learners';
  const healthy = voting - unhealthy.length;
  const count = `${needed} of ${voting} voting members must be healthy, and ${healthy} ${healthy === 1 ? 'is' : 'are'}`;
  return [count, ...unhealthy.flatMap(({ problem }) => problem ?? [])].join('; ');
}

/** Returns why these voting members do not have a quorum of healthy ones; undefined if they have one. */
export function quorumProblem(voters: readonly MemberHealth[]): string | undefined {
  const loss = quorumLoss(voters);
  return loss === undefined ? undefined : describeQuorumLoss(loss);
}

/** `etcd member a1b2 (cp1) at https://10.0.0.5:2380` */
export function describeMember({ id, name, peerURLs }: MemberHealth['member']): string {
  return `etcd member ${id}${name === '' ? '' : ` (${name})`} at ${peerURLs.join(', ')}`;
}

async function healthAt(
  client: EtcdClient,
  endpoint: string,
  signal: AbortSignal | undefined,
): Promise<Omit<MemberHealth, 'member'>> {
  try {
    const { errors, leader } = await client.status(endpoint, { ...(signal && { signal }) });
    const works = leader !== undefined;
    if (errors.length > 0) return { problem: `etcd at ${endpoint} reports ${errors.join(', ')}`, works };
    return { problem: works ? undefined : `etcd at ${endpoint} knows no leader`, works };
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error;
    return { problem: error.message, works: false };
  }
}
