import type { KubeClient } from '../../clients/kube/kube-client.ts';
import { fetchClusterConfiguration } from '../../cluster/read.ts';
import { retryWithEvents } from '../../cluster/retry-with-events.ts';
import { readAdvertiseAddress, readNodeName } from '../../cluster/this-node.ts';
import { warnTo } from '../../config/findings/warnings.ts';
import { loadReset } from '../../config/load-node.ts';
import type { RawReset } from '../../config/v1beta4/defaults.ts';
import { KubeApiError, KubeadmError, messageOf } from '../../errors.ts';
import { readLocalAdvertiseAddress } from '../../etcd/local-member.ts';
import type { Emit } from '../../events.ts';
import { createDryRun, dryRunPatienceMs } from '../../host/dry-run/index.ts';
import { madeUp } from '../../host/dry-run/made-up.ts';
import type { Host } from '../../host.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { RetryTimeout } from '../../lib/retry.ts';
import { adminConf, kubernetesDir, manifestPath } from '../../names.ts';
import { ignoredChecks } from '../../preflight/ignored-checks.ts';
import { refuseBesideAnother } from '../../run-record/running.ts';
import { unfinishedReset } from '../../run-record/unfinished.ts';
import { configSource } from '../config-source.ts';
import type { BuildContext, Built } from '../run-workflow.ts';
import type { ResetCluster, ResetInput } from './input.ts';
import type { ResetRequest } from './request.ts';

interface Context {
  readonly host: Host;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Builds the input of `reset` from request, configuration and cluster.
 *
 * @throws KubeadmError as `loadReset`; `usage`; `unfinished-run` if another kubeadm is running
 */
export async function buildReset(
  host: Host,
  request: ResetRequest,
  { emit, signal, single }: BuildContext,
): Promise<Built<ResetInput>> {
  const { config } = await loadReset(
    host,
    { ...configSource(request), override: overrideOf(request) },
    { criDetection: request.criDetection ?? true, onWarning: warnTo(emit) },
  );
  const isReal = !(request.dryRun ?? config.dryRun);
  if (single === undefined && isReal) await refuseBesideAnother(host);
  const dryRun = isReal ? undefined : createDryRun(host, { madeUp: madeUp.reset });
  const force = request.force ?? config.force;
  const given = {
    options: {
      ask: isReal && !force,
      force,
      cleanupTmpDir: request.cleanupTmpDir ?? config.cleanupTmpDir,
      ignorePreflightErrors: ignoredChecks([
        ...(request.ignorePreflightErrors ?? []),
        ...config.ignorePreflightErrors,
      ]),
    },
    certificatesDir: config.certificatesDir,
    criSocket: config.criSocket,
    unmountFlags: config.unmountFlags,
    timeouts: isReal ? config.timeouts : { ...config.timeouts, ...dryRunTimeouts },
  };
  const kubeconfig = request.kubeconfig ?? `${kubernetesDir}/${adminConf}`;
  const input = await buildResetInput(given, kubeconfig, { host, emit, signal });
  return { input, host: dryRun?.host(emit) ?? host, skip: request.skip ?? config.skipPhases, dryRun };
}

const dryRunTimeouts = { kubernetesAPICall: dryRunPatienceMs, etcdAPICall: dryRunPatienceMs } as const;

/** What the request asks for beside the configuration is validated with it, before anything is removed. */
function overrideOf({ certificatesDir, criSocket }: ResetRequest): RawReset {
  return {
    ...(certificatesDir === undefined ? {} : { certificatesDir }),
    ...(criSocket === undefined ? {} : { criSocket }),
  };
}

/**
 * Completes the input of reset with values from the cluster. If the kubeconfig has no cluster, or the cluster does not
 * answer, reset goes on without it. Source: cmd/reset.go newResetData.
 *
 * @param kubeconfig path; defaults to /etc/kubernetes/admin.conf
 * @throws the signal's reason
 */
export async function buildResetInput(
  given: Omit<ResetInput, 'cluster' | 'unfinished'>,
  kubeconfig: string,
  context: Context,
): Promise<ResetInput> {
  const cluster = await askCluster(kubeconfig, given.timeouts, context);
  return { ...given, cluster, unfinished: await unfinishedReset(context.host, context.emit) };
}

async function askCluster(
  path: string,
  timeouts: ResetInput['timeouts'],
  { host, emit, signal }: Context,
): Promise<ResetCluster | undefined> {
  let kubeconfig: ResetCluster['kubeconfig'];
  let client: KubeClient;
  try {
    kubeconfig = await loadKubeconfig(host, path);
    client = host.kube(kubeconfig);
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    const message = `no client from ${path}: ${messageOf(error)}`;
    emit({ type: 'detail', verbosity: 1, topic: 'reset', message });
    return undefined;
  }
  signal.addEventListener('abort', client.close);
  try {
    const configuration = await fetchClusterConfiguration(client, host, { emit, signal, topic: 'reset' });
    const isControlPlane = (await host.files.stat(manifestPath('kube-apiserver'))) !== undefined;
    const advertiseAddress = isControlPlane
      ? await findAddress(client, timeouts, { host, emit, signal })
      : '';
    return { kubeconfig, configuration, advertiseAddress };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeadmError)) throw error;
    emit({
      type: 'warning',
      code: 'cluster-configuration-not-read',
      topic: 'reset',
      message: `Unable to fetch the kubeadm-config ConfigMap from cluster: ${messageOf(error)}`,
    });
    return undefined;
  } finally {
    signal.removeEventListener('abort', client.close);
    client.close();
  }
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
    const retrying = { clock: host.clock, emit, signal, timeoutMs };
    const name = await readNodeName(host, { emit, signal });
    // A Node that was deleted already, as before many a reset, has no Pods to wait for.
    await retryWithEvents(() => client.get({ apiVersion: 'v1', kind: 'Node', name }, { signal }), {
      ...retrying,
      topic: 'reset',
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
