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
    const problems = await Promise.all(client.endpoints().map((url) => problemAt(client, url, signal)));
    const reported = problems.filter((problem) => problem !== undefined);
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
  let problem: string | undefined = `${describeMember(member)} has not started`;
  for (const url of member.clientURLs) {
    problem = await problemAt(client, url, signal);
    if (problem === undefined) break;
  }
  return { member, problem };
}

/**
 * Why these voting members have no quorum; undefined if they have one. To look at a change before it is made, pass the
 * voting members that etcd would have after it.
 */
export function quorumProblem(voters: readonly MemberHealth[]): string | undefined {
  const needed = Math.floor(voters.length / 2) + 1;
  const problems = voters.flatMap(({ problem }) => problem ?? []);
  const healthy = voters.length - problems.length;
  if (healthy >= needed) return undefined;
  const count = `${needed} of ${voters.length} voting members must be healthy, and ${healthy} ${healthy === 1 ? 'is' : 'are'}`;
  return [count, ...problems].join('; ');
}

/** `etcd member a1b2 (cp1) at https://10.0.0.5:2380` */
export function describeMember({ id, name, peerURLs }: MemberHealth['member']): string {
  return `etcd member ${id}${name === '' ? '' : ` (${name})`} at ${peerURLs.join(', ')}`;
}

async function problemAt(
  client: EtcdClient,
  endpoint: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const { errors } = await client.status(endpoint, { ...(signal && { signal }) });
    return errors.length === 0 ? undefined : `etcd at ${endpoint} reports ${errors.join(', ')}`;
  } catch (error) {
    if (error instanceof EtcdError) return error.message;
    throw error;
  }
}
