/** Takes this node's member out of the etcd cluster. Source: phases/etcd/local.go, util/etcd/etcd.go. */
import type { EtcdClient, EtcdMember } from '../clients/etcd/etcd-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { Host } from '../host.ts';
import { RetryTimeout } from '../lib/retry.ts';
import { readEtcdTls } from './connect.ts';
import {
  type ClusterOfNode,
  type ConnectedMembers,
  connectToMembers,
  isOwnMember,
  type MembersContext,
} from './connect-to-members.ts';
import { describeQuorumLoss, type MemberHealth, quorumLoss, readHealth } from './health.ts';
import { type OwnMember, type OwnMemberSources, readOwnMember } from './own-member.ts';

export interface NodeWithEtcd extends OwnMemberSources {
  /** Undefined if no API server can be asked. Then the endpoints are those of etcd.yaml and of the record. */
  readonly cluster: ClusterOfNode | undefined;
}

/** The facts about a member that could not be removed. */
export interface LeftMember {
  readonly why: string;
  /** Hexadecimal; undefined if the members could not be listed. */
  readonly id: string | undefined;
  /** Known peer or client URLs of other members. */
  readonly others: readonly string[];
  /** Members without which etcd would lose its quorum by the removal; empty if that is not the reason. */
  readonly unhealthy: readonly MemberHealth['member'][];
}

export type MemberRemoval =
  /** `last`: no other member has started, so it stays. `absent`: it is not a member. */
  { readonly result: 'removed' | 'last' | 'absent' } | ({ readonly result: 'left' } & LeftMember);

export interface RemovalContext extends MembersContext {
  /** Removes the member even if the members that stay have no quorum. */
  readonly force: boolean;
}

type Known = { -readonly [Key in 'id' | 'others' | 'unhealthy']: LeftMember[Key] };

/**
 * Removes the member with the recorded id, or, if no id was recorded, with this node's peer URL. A voting member is only
 * removed if the members that stay have a quorum.
 *
 * @throws the signal's reason
 */
export async function removeEtcdMember(
  host: Pick<Host, 'files' | 'clock' | 'net' | 'kube' | 'etcd'>,
  { cluster, ...sources }: NodeWithEtcd,
  context: RemovalContext,
): Promise<MemberRemoval> {
  const known: Known = { id: sources.recorded?.id, others: [], unhealthy: [] };
  const onOthers = (others: readonly string[]): void => {
    known.others = others;
  };
  try {
    const own = await readOwnMember(host, sources);
    known.others = own.otherURLs;
    const tls = await readEtcdTls(host, own.certificatesDir);
    const connected = await connectToMembers(host, { cluster, own, tls }, { ...context, onOthers });
    try {
      return await removeFrom(host, connected, { ...context, own, known });
    } finally {
      connected.client.close();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof KubeadmError || error instanceof RetryTimeout)) throw error;
    return { result: 'left', why: messageOf(error), ...known };
  }
}

async function removeFrom(
  { clock }: Pick<Host, 'clock'>,
  { client, members }: ConnectedMembers,
  { own, known, ...context }: RemovalContext & { readonly own: OwnMember; readonly known: Known },
): Promise<MemberRemoval> {
  const { emit, signal, timeouts, topic } = context;
  const member = members.find((one) => isOwnMember(one, own));
  known.id = member?.id;
  if (member === undefined) return { result: 'absent' };
  const { id } = member;
  // A learner that has never started has no data, so the cluster ends with this member.
  if (!members.some((other) => other.id !== id && other.name !== '')) return { result: 'last' };
  const { certificatesDir, peerURLs } = own;
  await context.onMember?.({ id, peerURLs, endpoints: client.endpoints(), certificatesDir });
  const retrying = { clock, emit, signal, topic, timeoutMs: timeouts.etcdAPICall };
  if (!context.force) {
    const what = 'a quorum of etcd without the member of this node';
    await retryWithEvents(() => requireQuorum(client, id, { signal, known }), { ...retrying, what });
  }
  emit({ type: 'detail', verbosity: 1, topic: 'etcd', message: `removing the member ${id}` });
  const what = 'the removal of the etcd member';
  await retryWithEvents(() => removeOnce(client, id, signal), { ...retrying, what });
  return { result: 'removed' };
}

/**
 * A learner does not vote, so etcd works without it. etcd itself refuses the removal of another member only if the members
 * that it is connected to have no quorum.
 */
async function requireQuorum(
  client: EtcdClient,
  id: string,
  { known, signal }: { readonly known: Known; readonly signal: AbortSignal },
): Promise<void> {
  const voters = (await client.memberList({ signal })).filter(({ isLearner }) => !isLearner);
  if (!voters.some((member) => member.id === id)) return;
  const staying = voters.filter((member) => member.id !== id);
  const states = await Promise.all(staying.map((member) => readHealth(client, member, signal)));
  const loss = quorumLoss(states, ({ works }) => works);
  known.unhealthy = loss?.unhealthy.map(({ member }) => member) ?? [];
  if (loss !== undefined) throw new KubeadmError('etcd', `without this member ${describeQuorumLoss(loss)}`);
}

/** A member that does not exist counts as removed, because an earlier try can have succeeded without an answer. */
async function removeOnce(client: EtcdClient, id: string, signal: AbortSignal): Promise<void> {
  const members: readonly EtcdMember[] = await client.memberList({ signal });
  if (members.some((member) => member.id === id)) await client.memberRemove(id);
}
