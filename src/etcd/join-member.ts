/** Makes this node a voting member of the cluster's etcd. Source: phases/etcd/local.go, util/etcd/etcd.go. */
import { isNotInSync } from '../clients/etcd/answers.ts';
import type { EtcdClient, EtcdMember } from '../clients/etcd/etcd-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import { RetryTimeout, retry, shortInterval } from '../lib/retry.ts';
import type { InitialMember } from '../manifests/etcd.ts';
import {
  addLearner,
  isRefusal,
  type MemberContext,
  type MemberHost,
  type OwnMember,
  ownMember,
  removalHint,
} from './add-learner.ts';
import type { ConnectionHost } from './connections.ts';
import { describeMember, type MemberHealth, quorumProblem, readVoters, waitForQuorum } from './health.ts';
import { reachPeers } from './reach-peers.ts';
import { waitUntilServing } from './serving-learner.ts';

/** Upstream tries 8 times, every 5 s. */
const quorumTimeoutMs = 40_000;
/** The time for the removal of a member that did not get to vote, for example after an interruption. */
const putBackTimeoutMs = 10_000;

/** A learner is usually in step within a second. */
const adviceAfterMs = 15_000;
const syncHint =
  'The leader sends the learner its data through the peer port of this node. Open that TCP port for all other control planes in each firewall. ' +
  'If etcd has much data, a larger timeouts.etcdAPICall gives it more time.';

type JoinContext = Omit<MemberContext, 'onMember'>;

export interface StaticMember {
  /** Writes the manifest of etcd for a member of this cluster, which the kubelet then starts. */
  readonly install: (members: readonly InitialMember[]) => Promise<void>;
  /** Removes the manifest and the data of a member that is not in the cluster any more. Data of others stays. */
  readonly uninstall: (data: { readonly ownsData: boolean }) => Promise<void>;
  /** Ends the process of the member, which the kubelet starts again. Returns false if it cannot. */
  readonly restart: () => Promise<boolean>;
  /**
   * Keeps a record of whether this node may be a member: before it is one, and after it was removed.
   *
   * @param state.ownsData whether the data in the data directory is of this run
   */
  readonly record: (state: { readonly mayBeMember: boolean; readonly ownsData: boolean }) => Promise<void>;
  /** Whether the process of the member takes connections of the other members. */
  readonly takesPeers: () => Promise<boolean>;
}

const topic = 'etcd';

/**
 * Tries the connections to the other members. Adds a learner, installs it, waits until it is in step with the leader, and
 * makes it a voting member. Then waits for a quorum of healthy members. If that fails or is interrupted before the member
 * votes, removes the member again, because etcd takes no other learner beside it.
 *
 * @throws KubeadmError `etcd`, `refused`; RetryTimeout; the signal's reason; the errors of `install`
 */
export async function joinMember(
  host: MemberHost & ConnectionHost,
  client: EtcdClient,
  {
    own,
    member,
    context,
  }: { readonly own: OwnMember; readonly member: StaticMember; readonly context: JoinContext },
): Promise<void> {
  const { emit, signal } = context;
  let isOurs = false;
  let installed = false;
  let ownsData = false;
  const onMember = async (isOwnData: boolean): Promise<void> => {
    if (isOurs) return;
    ownsData = isOwnData;
    await member.record({ mayBeMember: true, ownsData });
    isOurs = true;
  };
  try {
    await reachPeers(host, await listMembers(host, client, context), { ...context, peerURL: own.peerURL });
    const { id } = await addLearner(host, client, own, { ...context, onMember });
    signal.throwIfAborted();
    const members = initialCluster(await listMembers(host, client, context), own);
    installed = true;
    await member.install(members);
    await waitUntilStarted(host, client, { id, context });
    await waitUntilServing(host, client, { id, restart: member.restart, context });
    await promote(host, client, { id, member, context, peerURL: own.peerURL });
  } catch (error) {
    const uninstall = async (): Promise<void> => {
      if (installed) await member.uninstall({ ownsData });
      await member.record({ mayBeMember: false, ownsData });
    };
    if (isOurs) await putBack(host, client, { own, emit, uninstall });
    throw error;
  }
  emit({ type: 'etcd-member-joining', timeoutMs: quorumTimeoutMs });
  await waitForQuorum(client, { clock: host.clock, emit, signal, timeoutMs: quorumTimeoutMs, topic });
}

/**
 * All members as the flag `initial-cluster` of the new one needs them. A member that has not started has no name, and its
 * id takes the place of the name.
 */
function initialCluster(members: readonly EtcdMember[], own: OwnMember): readonly InitialMember[] {
  return members.flatMap(({ id, name, peerURLs }) =>
    peerURLs.map((peerURL) => ({ name: peerURLs.includes(own.peerURL) ? own.name : name || id, peerURL })),
  );
}

async function listMembers(
  { clock }: MemberHost,
  client: EtcdClient,
  { emit, signal, timeoutMs }: JoinContext,
): Promise<readonly EtcdMember[]> {
  const options = { clock, emit, signal, timeoutMs, topic, what: 'the list of etcd members' };
  return await retryWithEvents(() => client.memberList({ signal }), options);
}

interface OwnId {
  readonly id: string;
  readonly context: JoinContext;
}

async function waitUntilStarted(
  { clock }: MemberHost,
  client: EtcdClient,
  { id, context }: OwnId,
): Promise<void> {
  const { emit, signal, timeoutMs } = context;
  const what = `etcd member ${id} to start on this node`;
  await retryWithEvents(
    async () => {
      const { isLearner, name } = await ownMember(client, id, signal);
      if (isLearner && name === '') throw new KubeadmError('etcd', 'it has not started yet');
    },
    { clock, emit, signal, timeoutMs, topic, what, intervalMs: shortInterval, giveUp: isRefusal },
  );
}

/** A member that votes already needs no promotion. etcd itself refuses a member that is not in step. */
async function promote(
  { clock }: MemberHost,
  client: EtcdClient,
  { id, context, member, peerURL }: OwnId & { readonly member: StaticMember; readonly peerURL: string },
): Promise<void> {
  const { emit, signal, timeoutMs } = context;
  const start = clock.monotonic();
  const what = `etcd member ${id} to be in step with the leader`;
  let isAdvised = false;
  const adviseOnce = (): void => {
    if (isAdvised || clock.monotonic() - start < adviceAfterMs) return;
    isAdvised = true;
    emit({ type: 'progress', topic, message: syncHint });
  };
  await retryWithEvents(
    async () => {
      const learner = await ownMember(client, id, signal);
      if (!learner.isLearner) return;
      const voters = await readVoters(client, signal);
      const problem = quorumProblem([...voters, await peerHealth(learner, member)]);
      if (problem !== undefined)
        throw new KubeadmError('etcd', `etcd would lose its quorum if the member voted: ${problem}`);
      // An interruption waits for the answer, after which the member is whole.
      await client.memberPromote(id).catch((error: unknown) => {
        if (isNotInSync(error)) adviseOnce();
        throw error;
      });
    },
    { clock, emit, signal, timeoutMs, topic, what, intervalMs: shortInterval, giveUp: isRefusal },
  ).catch(async (error: unknown) => {
    if (!(error instanceof RetryTimeout) || !isNotInSync(error.cause)) throw error;
    // If nothing listens, the diagnosis explains why.
    const details = (await member.takesPeers()) ? { unreachable: [peerURL] } : {};
    throw new KubeadmError('etcd', error.message, { cause: error, hint: syncHint, details });
  });
  emit({ type: 'etcd-member-promoted', id, milliseconds: clock.monotonic() - start });
}

async function peerHealth(learner: EtcdMember, { takesPeers }: StaticMember): Promise<MemberHealth> {
  const works = await takesPeers();
  const problem = `${describeMember(learner)} does not take connections of other members`;
  return { member: learner, problem: works ? undefined : problem, works };
}

interface PutBack {
  readonly own: OwnMember;
  readonly emit: MemberContext['emit'];
  readonly uninstall: () => Promise<void>;
}

/** Removes this node's learner, if there is one. A member that votes stays, and so does everything else then. */
async function putBack(
  { clock }: MemberHost,
  client: EtcdClient,
  { emit, own, uninstall }: PutBack,
): Promise<void> {
  let left: EtcdMember | undefined;
  const removeOnce = async (): Promise<'absent' | 'votes' | EtcdMember> => {
    const members = await client.memberList();
    left = members.find(({ peerURLs }) => peerURLs.includes(own.peerURL));
    if (left === undefined) return 'absent';
    if (!left.isLearner) return 'votes';
    await client.memberRemove(left.id);
    return left;
  };
  try {
    const what = "the removal of this node's etcd member";
    const removed = await retry(removeOnce, { clock, timeoutMs: putBackTimeoutMs, what });
    if (removed === 'votes') return;
    if (removed !== 'absent') emit({ type: 'etcd-member-removed', id: removed.id, peerURL: own.peerURL });
    await uninstall();
  } catch (error) {
    const what =
      left === undefined
        ? `A member at ${own.peerURL} may be left in etcd`
        : `${describeMember(left)} is left`;
    const advice = removalHint(left?.id ?? '<id>');
    const message = `${what}, and etcd takes no other learner beside it: ${messageOf(error)}. ${advice}`;
    emit({ type: 'warning', code: 'etcd-member-left', topic, message });
  }
}
