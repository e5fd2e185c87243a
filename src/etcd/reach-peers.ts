/** Checks that this node can connect to the other members of etcd, before it becomes a member itself. */
import type { EtcdMember } from '../clients/etcd/etcd-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import { RetryTimeout } from '../lib/retry.ts';
import { type ConnectionHost, describeConnections, tryConnections } from './connections.ts';

/** The members answer at the ports for clients, so a port for members that stays closed is not that of a machine that starts. */
const timeoutMs = 20_000;
const topic = 'etcd';

/**
 * Waits until a voting member takes connections at its peer URL, without which etcd does not start on this node. Warns of
 * the other voting members that take none. Does nothing if an earlier try has made this node a member: then the join takes
 * it over, and removes a learner that does not get to vote.
 *
 * @throws KubeadmError `etcd` with the peer URLs if no member takes a connection within 20 s; the signal's reason
 */
export async function reachPeers(
  host: ConnectionHost,
  members: readonly EtcdMember[],
  { emit, peerURL, signal }: { readonly emit: Emit; readonly peerURL: string; readonly signal: AbortSignal },
): Promise<void> {
  if (members.some(({ peerURLs }) => peerURLs.includes(peerURL))) return;
  const urls = members
    .filter(({ isLearner, name }) => !isLearner && name !== '')
    .flatMap(({ peerURLs }) => peerURLs);
  if (urls.length === 0) return;
  const closed = await retryWithEvents(
    async () => {
      const found = (await tryConnections(host, urls)).filter(({ outcome }) => outcome !== 'accepted');
      if (found.length === urls.length) throw new KubeadmError('etcd', describeConnections(found));
      return found;
    },
    { clock: host.clock, emit, signal, timeoutMs, topic, what: 'a connection to a member of etcd' },
  ).catch((error: unknown) => {
    if (!(error instanceof RetryTimeout)) throw error;
    throw unreachable(error, urls);
  });
  if (closed.length === 0) return;
  const message = `This node cannot connect to these members of etcd: ${describeConnections(closed)}`;
  emit({ type: 'warning', code: 'etcd-peer-unreachable', topic, message });
}

function unreachable(error: RetryTimeout, urls: readonly string[]): KubeadmError {
  const message = `this node cannot connect to the members of etcd at their peer URLs: ${error.message}`;
  return new KubeadmError('etcd', message, {
    cause: error,
    hint: 'Open the TCP port of these URLs between all control planes, in both directions, in each firewall, then run the same command again.',
    details: { unreachable: urls },
  });
}
