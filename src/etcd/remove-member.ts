/** Takes this node's member out of the etcd cluster. Source: phases/etcd/local.go, util/etcd/etcd.go. */
import type { EtcdClient, EtcdMember, EtcdTls } from '../clients/etcd/etcd-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import type { Timeouts } from '../config/hub.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { RetryTimeout } from '../lib/retry.ts';
import { ports } from '../names.ts';
import { certificatePath, keyPath } from '../pki/files.ts';
import { endpointsOfPods } from './endpoints-of-pods.ts';
import { clientURLOf, type LocalMember, readLocalMember } from './local-member.ts';

/** A short wait, because without the API nothing shows that etcd will start. */
const withoutClusterMs = 5000;

export interface NodeWithEtcd {
  /** The kubeconfig of the cluster; undefined if there is none. Then only etcd.yaml has endpoints. */
  readonly kubeconfig: Kubeconfig | undefined;
  /** The address of this node's API server; empty if it is not known. */
  readonly advertiseAddress: string;
  readonly certificatesDir: string;
  /** The member as a try that was cut off knew it; undefined if no try was cut off. */
  readonly recorded?: RecordedMember | undefined;
}

/** The values that a later try needs to find and remove a member without the manifest of its node. */
export interface RecordedMember {
  /** Hexadecimal; undefined when the members could not be listed yet. */
  readonly id?: string;
  readonly peerURLs: readonly string[];
  /** Client URLs of etcd. */
  readonly endpoints: readonly string[];
}

export type MemberRemoval =
  /** `last`: the member is the only one and stays. `absent`: it is not a member. */
  | { readonly result: 'removed' | 'last' | 'absent' }
  | {
      readonly result: 'left';
      readonly why: string;
      /** Hexadecimal; undefined if the members could not be listed. */
      readonly id: string | undefined;
      /** Known peer or client URLs of other members. */
      readonly others: readonly string[];
    };

interface Context {
  readonly timeouts: Pick<Timeouts, 'kubernetesAPICall' | 'etcdAPICall'>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Called before etcd is asked, and again when the id is known: what a later try needs. */
  readonly onMember?: (member: RecordedMember) => Promise<void>;
}

interface Known {
  readonly id: string | undefined;
  readonly others: readonly string[];
}

/**
 * Removes the member with the recorded id, or, if no id was recorded, with this node's peer URL. The endpoints of etcd come from the Pods of the cluster and from
 * etcd.yaml of this node.
 *
 * @throws the signal's reason
 */
export async function removeEtcdMember(
  host: Pick<Host, 'files' | 'clock' | 'kube' | 'etcd'>,
  node: NodeWithEtcd,
  context: Context,
): Promise<MemberRemoval> {
  const { recorded } = node;
  let known: Known = { id: recorded?.id, others: [] };
  try {
    const local = await readLocalMember(host);
    known = { ...known, others: local?.otherPeerURLs ?? [] };
    const own = { peerURLs: ownPeerURLs(node, local), clientURLs: ownClientURLs(node, local) };
    if (own.peerURLs.length === 0) throw new KubeadmError('etcd', "this node's peer URL is not known");
    const tls = await readTls(host, local?.certificatesDir ?? node.certificatesDir);
    const fromPods = await endpointsFromCluster(host, node, context);
    const otherPods = fromPods.filter((url) => !own.clientURLs.includes(url));
    known = { ...known, others: [...new Set([...known.others, ...otherPods])] };
    const otherURLs = (local?.otherPeerURLs ?? []).flatMap((url) => clientURLOf(url) ?? []);
    const fromNode = [...(local?.clientURLs ?? []), ...otherURLs, ...(recorded?.endpoints ?? [])];
    const endpoints = [...new Set([...fromPods, ...fromNode])];
    if (endpoints.length === 0) throw new KubeadmError('etcd', 'no endpoint of etcd is known');
    await context.onMember?.({ ...recorded, peerURLs: own.peerURLs, endpoints });
    const client = host.etcd(endpoints, tls);
    try {
      const { clock } = host;
      const { signal } = context;
      const timeoutMs = fromPods.length > 0 ? context.timeouts.etcdAPICall : withoutClusterMs;
      const retrying = { clock, emit: context.emit, signal, timeoutMs, topic: 'reset' };
      const listed = { ...retrying, what: 'the list of etcd members' };
      await retryWithEvents(() => client.sync({ signal }), listed);
      const members = await retryWithEvents(() => client.memberList({ signal }), listed);
      const isOwn = ({ id, peerURLs }: EtcdMember) =>
        recorded?.id === undefined ? peerURLs.some((url) => own.peerURLs.includes(url)) : id === recorded.id;
      const member = members.find(isOwn);
      const others = members.filter((other) => !isOwn(other)).flatMap(({ peerURLs }) => peerURLs);
      known = { id: member?.id, others };
      if (member === undefined) return { result: 'absent' };
      if (members.length === 1) return { result: 'last' };
      await context.onMember?.({ id: member.id, peerURLs: own.peerURLs, endpoints: client.endpoints() });
      context.emit({
        type: 'detail',
        verbosity: 1,
        topic: 'etcd',
        message: `removing the member ${member.id}`,
      });
      const removed = { ...retrying, what: 'the removal of the etcd member' };
      await retryWithEvents(() => removeOnce(client, member.id, signal), removed);
      return { result: 'removed' };
    } finally {
      client.close();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof KubeadmError || error instanceof RetryTimeout)) throw error;
    return { result: 'left', why: messageOf(error), ...known };
  }
}

function ownPeerURLs(
  { advertiseAddress, recorded }: NodeWithEtcd,
  local: LocalMember | undefined,
): readonly string[] {
  const fromAddress =
    advertiseAddress === '' ? [] : [`https://${joinHostPort(advertiseAddress, ports.etcdPeer)}`];
  return [...new Set([...(local?.peerURLs ?? []), ...fromAddress, ...(recorded?.peerURLs ?? [])])];
}

function ownClientURLs(
  { advertiseAddress }: NodeWithEtcd,
  local: LocalMember | undefined,
): readonly string[] {
  const fromAddress =
    advertiseAddress === '' ? [] : [`https://${joinHostPort(advertiseAddress, ports.etcdClient)}`];
  return [...(local?.clientURLs ?? []), ...fromAddress];
}

/** Returns an empty list if the cluster does not answer in time. */
async function endpointsFromCluster(
  host: Pick<Host, 'clock' | 'kube'>,
  { kubeconfig }: NodeWithEtcd,
  { emit, signal, timeouts }: Context,
): Promise<readonly string[]> {
  if (kubeconfig === undefined) return [];
  try {
    return await endpointsOfPods(host, kubeconfig, { emit, signal, timeoutMs: timeouts.kubernetesAPICall });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeadmError || error instanceof RetryTimeout)) throw error;
    emit({
      type: 'warning',
      code: 'etcd-endpoints-from-manifest',
      topic: 'reset',
      message: `the cluster does not name the endpoints of etcd: ${messageOf(error)}; they are taken from this node's etcd.yaml`,
    });
    return [];
  }
}

/** A member that does not exist counts as removed, because an earlier try can have succeeded without an answer. */
async function removeOnce(etcd: EtcdClient, id: string, signal: AbortSignal): Promise<void> {
  const members = await etcd.memberList({ signal });
  if (members.some((member) => member.id === id)) await etcd.memberRemove(id);
}

async function readTls({ files }: Pick<Host, 'files'>, certificatesDir: string): Promise<EtcdTls> {
  return {
    ca: await files.readText(certificatePath(certificatesDir, 'etcd/ca')),
    cert: await files.readText(certificatePath(certificatesDir, 'etcd/healthcheck-client')),
    key: await files.readText(keyPath(certificatesDir, 'etcd/healthcheck-client')),
  };
}
