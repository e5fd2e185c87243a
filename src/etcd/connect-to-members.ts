/** Finds the members of etcd from a node that may have lost its own member, its API server or both. */
import type { EtcdClient, EtcdMember, EtcdTls } from '../clients/etcd/etcd-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import type { Timeouts } from '../config/hub.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { RetryTimeout } from '../lib/retry.ts';
import { endpointsOfPods } from './endpoints-of-pods.ts';
import type { OwnMember, RecordedMember } from './own-member.ts';

/** A short wait, because without the API and without other members nothing shows that etcd will start. */
const aloneMs = 5000;

/** The cluster whose etcd Pods have the endpoints of etcd. */
export interface ClusterOfNode {
  readonly kubeconfig: Kubeconfig;
  /** Whether its API server has answered in this run. Otherwise it is asked only if etcd does not answer. */
  readonly answers: boolean;
}

export interface MembersContext {
  readonly timeouts: Pick<Timeouts, 'kubernetesAPICall' | 'etcdAPICall'>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The topic of the events: the name of the command. */
  readonly topic: string;
  /** Called before etcd is asked, with the values that a later try needs. */
  readonly onMember?: (member: RecordedMember) => Promise<void>;
  /** Called with the peer or client URLs of other members as soon as they are known, also if etcd does not answer. */
  readonly onOthers?: (urls: readonly string[]) => void;
}

/** Members of etcd, and a client of them that the caller closes. */
export interface ConnectedMembers {
  readonly client: EtcdClient;
  readonly members: readonly EtcdMember[];
}

type Connecting = Pick<Host, 'clock' | 'kube' | 'etcd'>;

/**
 * Connects to etcd and lists its members. The endpoints come from the Pods of the cluster, and from `own`.
 *
 * @param cluster undefined if no API server can be asked
 * @throws KubeadmError `etcd`, RetryTimeout; the signal's reason
 */
export async function connectToMembers(
  host: Connecting,
  {
    cluster,
    own,
    tls,
  }: {
    readonly cluster: ClusterOfNode | undefined;
    readonly own: OwnMember;
    readonly tls: EtcdTls;
  },
  context: MembersContext,
): Promise<ConnectedMembers> {
  const { etcdAPICall } = context.timeouts;
  const ask = async (fromPods: readonly string[]): Promise<ConnectedMembers> => {
    const others = [...own.otherURLs, ...fromPods.filter((url) => !own.clientURLs.includes(url))];
    context.onOthers?.([...new Set(others)]);
    const timeoutMs = fromPods.length + others.length > 0 ? etcdAPICall : Math.min(aloneMs, etcdAPICall);
    const endpoints = [...new Set([...fromPods, ...own.endpoints])];
    return await listMembers(host, { endpoints, own, tls, timeoutMs }, context);
  };
  const fromPods = cluster?.answers === true ? await endpointsFromPods(host, cluster, context) : [];
  try {
    return await ask(fromPods);
  } catch (error) {
    context.signal.throwIfAborted();
    if (cluster === undefined || cluster.answers) throw error;
    const late = await endpointsFromPods(host, cluster, context);
    if (late.length === 0) throw error;
    return await ask(late);
  }
}

/** Returns an empty list if the cluster does not answer in time. */
async function endpointsFromPods(
  host: Connecting,
  { kubeconfig }: ClusterOfNode,
  { emit, signal, timeouts, topic }: MembersContext,
): Promise<readonly string[]> {
  try {
    const timeoutMs = timeouts.kubernetesAPICall;
    return await endpointsOfPods(host, kubeconfig, { emit, signal, timeoutMs, topic });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeadmError || error instanceof RetryTimeout)) throw error;
    emit({
      type: 'warning',
      code: 'etcd-endpoints-from-manifest',
      topic,
      message: `the cluster does not name the endpoints of etcd: ${messageOf(error)}; they are taken from this node's etcd.yaml`,
    });
    return [];
  }
}

interface Listing {
  readonly endpoints: readonly string[];
  readonly own: OwnMember;
  readonly tls: EtcdTls;
  readonly timeoutMs: number;
}

async function listMembers(
  { clock, etcd }: Connecting,
  { endpoints, own, timeoutMs, tls }: Listing,
  { emit, onMember, onOthers, signal, topic }: MembersContext,
): Promise<ConnectedMembers> {
  if (endpoints.length === 0) throw new KubeadmError('etcd', 'no endpoint of etcd is known');
  const id = own.id === undefined ? {} : { id: own.id };
  const { certificatesDir, peerURLs } = own;
  await onMember?.({ ...id, peerURLs, endpoints, certificatesDir });
  const client = etcd(endpoints, tls);
  const retrying = { clock, emit, signal, timeoutMs, topic, what: 'the list of etcd members' };
  try {
    await retryWithEvents(() => client.sync({ signal }), retrying);
    const members = await retryWithEvents(() => client.memberList({ signal }), retrying);
    onOthers?.(otherURLs(members, own));
    return { client, members };
  } catch (error) {
    // Without a quorum, a member that runs still knows the others.
    const seen = await client.memberList({ signal, linearizable: false }).catch(() => []);
    if (seen.length > 0) onOthers?.(otherURLs(seen, own));
    client.close();
    throw error;
  }
}

/** Whether a member in the list is the one of this node. */
export function isOwnMember({ id, peerURLs }: EtcdMember, own: OwnMember): boolean {
  return own.id === undefined ? peerURLs.some((url) => own.peerURLs.includes(url)) : id === own.id;
}

function otherURLs(members: readonly EtcdMember[], own: OwnMember): readonly string[] {
  return members.filter((member) => !isOwnMember(member, own)).flatMap(({ peerURLs }) => peerURLs);
}
