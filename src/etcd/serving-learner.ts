/** Waits until a learner takes requests of clients, and helps it if it does not. */
import type { EtcdClient } from '../clients/etcd/etcd-client.ts';
import { KubeadmError } from '../errors.ts';
import { RetryTimeout, retry, shortInterval } from '../lib/retry.ts';
import { type MemberContext, type MemberHost, ownMember } from './add-learner.ts';

/** After a list that shows it: a learner that has heard of its own name takes requests well within this time. */
const soonMs = 400;
/** Then etcd has asked again by itself, which it does after 7 s. */
const limitMs = 15_000;

interface Serving {
  readonly id: string;
  /** Ends the process of the learner, which then starts again. Returns false if that is not possible. */
  readonly restart: () => Promise<boolean>;
  readonly context: Omit<MemberContext, 'onMember'>;
}

/**
 * Waits until this node's learner takes requests of clients. It does so when it has seen in the log of the leader that the
 * cluster knows its name. If the leader sends it a snapshot with that entry instead, it waits for 7 s before it asks
 * again. A restart makes it ask at once, and costs the cluster nothing, because it does not vote. Returns after 15 s all
 * the same, because a member can vote before it takes requests. A member that votes is never restarted. Source: server/etcdserver/server.go of etcd, publishV3.
 *
 * @throws the signal's reason
 */
export async function waitUntilServing(
  { clock }: MemberHost,
  client: EtcdClient,
  { context, id, restart }: Serving,
): Promise<void> {
  const { emit, signal } = context;
  let seenAsLearner = (): void => undefined;
  const isLearning = new Promise<void>((resolve) => {
    seenAsLearner = resolve;
  });
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const attempt = async (): Promise<void> => {
    const { clientURLs, isLearner } = await ownMember(client, id, either);
    if (!isLearner) return;
    seenAsLearner();
    const [url] = clientURLs;
    if (url === undefined) throw new KubeadmError('etcd', 'it has no client URL');
    await client.status(url, { signal: either });
  };
  const stillLearns = async (): Promise<boolean> => {
    try {
      return (await ownMember(client, id, either)).isLearner;
    } catch {
      signal.throwIfAborted();
      return false;
    }
  };
  const what = `etcd member ${id} to take requests of clients`;
  const serving = retry(attempt, {
    clock,
    signal: either,
    timeoutMs: limitMs,
    what,
    intervalMs: shortInterval,
  })
    .catch((error: unknown) => {
      signal.throwIfAborted();
      if (!(error instanceof RetryTimeout)) throw error;
    })
    .then(() => true);
  try {
    if (await Promise.race([serving, isLearning.then(() => false)])) return;
    const soon = clock.sleep(soonMs, either).then(() => false);
    if (await Promise.race([serving, soon])) return;
    if ((await Promise.race([serving.then(() => false), stillLearns()])) && (await restart()))
      emit({ type: 'etcd-member-restarted', id });
    await serving;
  } finally {
    ended.abort();
    await Promise.allSettled([serving]);
  }
}
