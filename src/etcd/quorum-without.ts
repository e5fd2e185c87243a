/** Whether etcd keeps its quorum when a member is removed. */
import type { EtcdClient, EtcdMember } from '../clients/etcd/etcd-client.ts';
import { EtcdError } from '../errors.ts';

/** A voting member that stays and does not take part in the work of etcd. */
export interface UnhealthyMember {
  readonly id: string;
  /** Empty until the member has started. */
  readonly name: string;
  readonly problem: string;
}

export interface QuorumLoss {
  /** The number of members that vote after the removal, and how many of them etcd needs. */
  readonly voting: number;
  readonly needed: number;
  readonly unhealthy: readonly UnhealthyMember[];
}

/**
 * Returns undefined if the members that stay are able to work without the member `id`. A learner does not vote, so etcd
 * works without it. etcd itself refuses such a removal only from the members that it is connected to.
 *
 * @throws the signal's reason
 */
export async function quorumLossWithout(
  id: string,
  members: readonly EtcdMember[],
  { client, signal }: { readonly client: EtcdClient; readonly signal: AbortSignal },
): Promise<QuorumLoss | undefined> {
  if (members.some((member) => member.id === id && member.isLearner)) return undefined;
  const staying = members.filter((member) => member.id !== id && !member.isLearner);
  const problems = await Promise.all(staying.map((member) => unhealthyMember(member, client, signal)));
  const unhealthy = problems.filter((problem) => problem !== undefined);
  const needed = Math.floor(staying.length / 2) + 1;
  if (staying.length - unhealthy.length >= needed) return undefined;
  return { voting: staying.length, needed, unhealthy };
}

/** `without it etcd has 2 voting members and needs 2 of them, but 1 does not work: cp2 (8e9e05c52164694d): …` */
export function describeQuorumLoss({ needed, unhealthy, voting }: QuorumLoss): string {
  if (voting === 0) return 'no voting member of etcd would be left, only learners';
  const members = unhealthy.map(
    ({ id, name, problem }) => `${name === '' ? id : `${name} (${id})`}: ${problem}`,
  );
  return (
    `without this member etcd would have ${voting} voting members and need ${needed} of them, but ` +
    `${unhealthy.length} of them cannot be reached or have no leader: ${members.join('; ')}`
  );
}

async function unhealthyMember(
  { clientURLs, id, name }: EtcdMember,
  client: EtcdClient,
  signal: AbortSignal,
): Promise<UnhealthyMember | undefined> {
  const problems: string[] = [];
  for (const url of clientURLs) {
    try {
      const { leader } = await client.status(url, { signal });
      if (leader !== undefined) return undefined;
      problems.push(`${url} knows no leader`);
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      problems.push(error.message);
    }
  }
  return { id, name, problem: problems.join('; ') || 'it has not started yet' };
}
