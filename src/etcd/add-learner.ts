/** Adds a member to etcd that does not vote yet, or takes over the one that is there for the same node. */
import { isTooManyLearners } from '../clients/etcd/answers.ts';
import type { EtcdClient, EtcdMember } from '../clients/etcd/etcd-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import { EtcdError, KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileReads, FileWrites, Host } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import { RetryTimeout, retry, shortInterval } from '../lib/retry.ts';
import { describeMember, quorumProblem, readHealth, readVoters } from './health.ts';

/** The member of the node that joins. */
export interface OwnMember {
  /** The name of the node, which is also that of its member. */
  readonly name: string;
  readonly peerURL: string;
  readonly dataDir: string;
  /** Whether an earlier try has found the data directory empty, so that it may delete what is in there now. */
  readonly ownsData: boolean;
}

export interface MemberContext {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The time limit of each wait: timeouts.etcdAPICall, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Called before the member may be in etcd because of this run, or when one that is there is kept.
   *
   * @param ownsData whether the data directory is empty, or has only data that an earlier try has left
   */
  readonly onMember: (ownsData: boolean) => Promise<void>;
}

export type MemberHost = Pick<Host, 'clock'> & {
  readonly files: Pick<FileReads, 'list'> & Pick<FileWrites, 'removeContents'>;
};

const topic = 'etcd';

/** How to remove a member by hand, on a node whose member is in the cluster. */
export const removalHint = (id: string): string =>
  `Run on another control plane: kubectl -n kube-system exec etcd-<its node> -- etcdctl --cacert /etc/kubernetes/pki/etcd/ca.crt ` +
  `--cert /etc/kubernetes/pki/etcd/peer.crt --key /etc/kubernetes/pki/etcd/peer.key member remove ${id}`;

/**
 * Adds this node's peer URL as a learner. While etcd has another learner, which it takes only one of, it waits for the
 * promotion or removal of that one. A member that has the peer URL already is kept, unless its data was lost.
 *
 * @returns the member, of which the caller must make a voting member or which it must remove
 * @throws KubeadmError `etcd`; RetryTimeout; the signal's reason
 */
export async function addLearner(
  host: MemberHost,
  client: EtcdClient,
  own: OwnMember,
  context: MemberContext,
): Promise<EtcdMember> {
  const { emit, signal, timeoutMs } = context;
  const adding = { clock: host.clock, emit, signal, timeoutMs, topic, what: 'etcd to take a new member' };
  for (;;) {
    try {
      return await retryWithEvents(() => addOnce(host, client, own, context), {
        ...adding,
        giveUp: (error) => isTooManyLearners(error) || isRefusal(error),
      });
    } catch (error) {
      if (!isTooManyLearners(error)) throw error;
      await waitForOtherLearner(host, client, context);
    }
  }
}

async function addOnce(
  host: MemberHost,
  client: EtcdClient,
  own: OwnMember,
  context: MemberContext,
): Promise<EtcdMember> {
  const { emit, onMember, signal } = context;
  const members = await client.memberList({ signal });
  const known = members.find(({ peerURLs }) => peerURLs.includes(own.peerURL));
  if (known !== undefined && (await mayContinue(host, client, { own, known }))) {
    await onMember(await ownsData(host, own));
    emit({ type: 'etcd-member-kept', id: known.id, peerURL: own.peerURL });
    return known;
  }
  const voters = (await readVoters(client, signal)).filter(({ member }) => member.id !== known?.id);
  const problem = quorumProblem(voters);
  if (problem !== undefined)
    throw new KubeadmError('etcd', `etcd takes no member without a quorum: ${problem}`);
  if (known !== undefined) await removeLost(client, known, context);
  await clearData(host, own);
  // An answer that is lost leaves it open whether the member was added, so an interruption waits for this call.
  await onMember(await ownsData(host, own));
  const added = await client.memberAddAsLearner(own.peerURL);
  emit({ type: 'etcd-member-added', id: added.id, peerURL: own.peerURL });
  return added;
}

/**
 * Whether this node can run as the member that has its peer URL. It cannot if the member has run before and its data is
 * not here: a voting member without its data could lose writes that etcd has acknowledged.
 *
 * @throws KubeadmError `refused` if the member may be that of another node
 */
async function mayContinue(
  host: MemberHost,
  client: EtcdClient,
  { known, own }: { readonly known: EtcdMember; readonly own: OwnMember },
): Promise<boolean> {
  if (known.name === '' || (await hasData(host, own))) return true;
  const { problem } = await readHealth(client, known);
  const what = describeMember(known);
  const hint = `Check the address that this node advertises. If that member is gone for good: ${removalHint(known.id)}`;
  if (problem === undefined) {
    const message = `${what} answers, but its data is not in ${own.dataDir} of this node: another node has this address`;
    throw new KubeadmError('refused', message, { hint });
  }
  if (known.name === own.name) return false;
  const message = `${what} has the peer URL of this node, whose member would have the name ${own.name}`;
  throw new KubeadmError('refused', message, { hint });
}

async function removeLost(client: EtcdClient, lost: EtcdMember, { emit }: MemberContext): Promise<void> {
  const message = `${describeMember(lost)} was this node's, and its data is gone, so it is removed before a new one is added`;
  emit({ type: 'warning', code: 'etcd-member-replaced', topic, message });
  await client.memberRemove(lost.id).catch((error: unknown) => {
    if (!(error instanceof EtcdError) || error.grpcCode !== 'not_found') throw error;
  });
}

async function hasData({ files }: MemberHost, { dataDir }: OwnMember): Promise<boolean> {
  return (await files.list(joinPath(dataDir, 'member'))) !== undefined;
}

async function ownsData({ files }: MemberHost, own: OwnMember): Promise<boolean> {
  return own.ownsData || ((await files.list(own.dataDir)) ?? []).length === 0;
}

/** etcd does not start with the data of a member that is not in the cluster. */
async function clearData(host: MemberHost, own: OwnMember): Promise<void> {
  if (!(await hasData(host, own))) return;
  if (own.ownsData) return await host.files.removeContents(own.dataDir);
  const message = `${own.dataDir} has data of etcd, but the cluster has no member at ${own.peerURL}`;
  throw new KubeadmError('refused', message, {
    hint: 'Run "kubeadm reset" on this node, or delete the contents of the directory if nobody needs them.',
  });
}

/** Whether another try cannot help. */
export function isRefusal(error: unknown): boolean {
  return error instanceof KubeadmError && error.code === 'refused';
}

/** Reads this node's member. @throws KubeadmError `refused` if etcd does not have it any more */
export async function ownMember(client: EtcdClient, id: string, signal: AbortSignal): Promise<EtcdMember> {
  const found = (await client.memberList({ signal })).find((member) => member.id === id);
  if (found !== undefined) return found;
  throw new KubeadmError('refused', `etcd has no member ${id} any more: somebody has removed it`, {
    hint: 'Run the same command again to add a new one.',
  });
}

/** Waits until one of the learners votes or is gone. Each of them gets the whole time limit. */
async function waitForOtherLearner(
  { clock }: MemberHost,
  client: EtcdClient,
  { emit, signal, timeoutMs }: MemberContext,
): Promise<void> {
  const learners = async () => (await client.memberList({ signal })).filter(({ isLearner }) => isLearner);
  const first = await retry(learners, { clock, signal, timeoutMs, what: 'the list of etcd members' });
  const [blocking] = first;
  if (blocking === undefined) return;
  const start = clock.monotonic();
  const what = `${describeMember(blocking)}, which joins at the same time, to become a voting member`;
  emit({ type: 'waiting', topic, for: what, timeoutMs });
  let still: EtcdMember | undefined = blocking;
  try {
    await retry(
      async () => {
        const now = await learners();
        still = now.find(({ id }) => first.some((one) => one.id === id)) ?? still;
        if (first.every((one) => now.some(({ id }) => id === one.id)))
          throw new KubeadmError('etcd', 'it is still a learner');
      },
      { clock, signal, timeoutMs, what, intervalMs: shortInterval },
    );
  } catch (error) {
    if (!(error instanceof RetryTimeout)) throw error;
    const state = still.name === '' ? 'has never started' : 'is not in step with the leader yet';
    throw new KubeadmError('etcd', `${error.message}; it ${state}, and etcd takes one learner at a time`, {
      cause: error,
      hint: `If no join is under way on that node, remove the member. ${removalHint(still.id)}`,
    });
  }
  emit({ type: 'waited', topic, for: what, milliseconds: clock.monotonic() - start });
}
