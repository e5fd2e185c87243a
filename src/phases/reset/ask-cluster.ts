/** The questions that reset asks the cluster before its phases. */
import type { KubeClient } from '../../clients/kube/kube-client.ts';
import { isOnThisNode } from '../../cluster/on-this-node.ts';
import { fetchClusterConfiguration, readClusterConfiguration } from '../../cluster/read.ts';
import { retryWithEvents } from '../../cluster/retry-with-events.ts';
import { readAdvertiseAddress, readNodeName } from '../../cluster/this-node.ts';
import type { ClusterConfiguration } from '../../config/hub.ts';
import { KubeApiError, KubeadmError, messageOf } from '../../errors.ts';
import { readLocalAdvertiseAddress } from '../../etcd/local-member.ts';
import type { Emit } from '../../events.ts';
import type { Host } from '../../host.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { RetryTimeout } from '../../lib/retry.ts';
import { manifestPath } from '../../names.ts';
import { recordOnDisk } from '../../run-record/unfinished.ts';
import type { ResetCluster, ResetInput } from './input.ts';

interface Context {
  readonly host: Host;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** The fields of the input that come from the cluster. */
export type AskedCluster = Pick<ResetInput, 'cluster' | 'silentCluster'>;

/**
 * Asks the cluster for its configuration and for this node.
 *
 * @param path the kubeconfig
 * @throws the signal's reason
 */
export async function askCluster(
  path: string,
  timeouts: ResetInput['timeouts'],
  { host, emit, signal }: Context,
): Promise<AskedCluster> {
  let kubeconfig: ResetCluster['kubeconfig'];
  let client: KubeClient;
  try {
    kubeconfig = await loadKubeconfig(host, path);
    client = host.kube(kubeconfig);
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    const message = `no client from ${path}: ${messageOf(error)}`;
    emit({ type: 'detail', verbosity: 1, topic: 'reset', message });
    return { cluster: undefined };
  }
  signal.addEventListener('abort', client.close);
  try {
    const configuration = await readConfiguration(client, timeouts, { host, emit, signal });
    const isControlPlane = (await host.files.stat(manifestPath('kube-apiserver'))) !== undefined;
    const advertiseAddress = isControlPlane
      ? await findAddress(client, timeouts, { host, emit, signal })
      : '';
    return { cluster: { kubeconfig, configuration, advertiseAddress } };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeadmError || error instanceof RetryTimeout)) throw error;
    emit({
      type: 'warning',
      code: 'cluster-configuration-not-read',
      topic: 'reset',
      message: `Unable to fetch the kubeadm-config ConfigMap from cluster: ${messageOf(error)}`,
    });
    return {
      cluster: undefined,
      ...((await mayAnswerLater(host, client)) ? { silentCluster: kubeconfig } : {}),
    };
  } finally {
    signal.removeEventListener('abort', client.close);
    client.close();
  }
}

/** No other machine has joined the cluster of an `init` that did not end. */
async function mayAnswerLater(host: Host, { server }: KubeClient): Promise<boolean> {
  if (await isOnThisNode(host, server)) return false;
  return (await recordOnDisk(host, () => undefined))?.command !== 'init';
}

/**
 * Reads the configuration. A busy API server is asked again until `kubernetesAPICall` has passed, because without the
 * configuration the cluster may keep the etcd member of this node.
 */
async function readConfiguration(
  client: KubeClient,
  { kubernetesAPICall: timeoutMs }: ResetInput['timeouts'],
  { host, emit, signal }: Context,
): Promise<ClusterConfiguration> {
  try {
    return await fetchClusterConfiguration(client, host, { emit, signal, topic: 'reset' });
  } catch (error) {
    if (!isBusy(error)) throw error;
    const { clock } = host;
    const what = 'the configuration of the cluster';
    const giveUp = (later: unknown): boolean => !isBusy(later);
    return await retryWithEvents(
      async () => await readClusterConfiguration(client, { clock, signal }, emit),
      { clock, emit, signal, timeoutMs, topic: 'reset', what, giveUp },
    );
  }
}

/** Whether the API server has answered that it cannot serve the request now. */
function isBusy(error: unknown): boolean {
  return error instanceof KubeApiError && (error.status === 429 || error.status >= 500);
}

/**
 * The address of this node's API server from the manifests of this node, else from the cluster, else empty. The cluster has
 * it from the same manifest, in a Pod that is missing right after `init`, and while the kubelet does not run.
 */
async function findAddress(
  client: KubeClient,
  { kubernetesAPICall: timeoutMs }: ResetInput['timeouts'],
  { host, emit, signal }: Context,
): Promise<string> {
  try {
    const local = await readLocalAdvertiseAddress(host);
    if (local !== undefined) return local;
    const retrying = { clock: host.clock, emit, signal, timeoutMs, topic: 'reset' };
    const name = await readNodeName(host, { emit, signal });
    // A Node that was deleted already, as before many a reset, has no Pods to wait for.
    await retryWithEvents(() => client.get({ apiVersion: 'v1', kind: 'Node', name }, { signal }), {
      ...retrying,
      what: `Node ${name}`,
      giveUp: (error) => error instanceof KubeApiError && error.status === 404,
    });
    return await readAdvertiseAddress(client, name, retrying);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeadmError || error instanceof RetryTimeout)) throw error;
    emit({
      type: 'warning',
      code: 'api-endpoint-unknown',
      topic: 'reset',
      message:
        'neither the manifests of this node nor the cluster name the address of its API server: ' +
        messageOf(error),
    });
    return '';
  }
}
