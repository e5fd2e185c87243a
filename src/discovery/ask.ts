/** Requests to a server that may be any server. */
import type { KubeClient, KubeConnectOptions } from '../clients/kube/kube-client.ts';
import type { Kubeconfig, KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { apiRequestTimeoutMs } from '../names.ts';
import type { DiscoveryContext, DiscoveryHost } from './context.ts';
import { type Obstacle, obstacleOf } from './obstacles.ts';
import { clockFinding } from './server-clock.ts';
import { untilAnswered } from './wait.ts';

/** cluster-info has a few kilobytes, and etcd stores no ConfigMap that is larger than this. */
export const maxAnswerBytes = 1024 * 1024 + 512 * 1024;
const clockTimeoutMs = 2000;

/**
 * Calls `read` until it succeeds. It should make one request.
 *
 * @throws KubeadmError `discovery-failed`, or `timeout` at the time limit; the errors of `read` that no other try can
 *   help; the signal's reason
 */
export async function untilRead<T>(
  host: DiscoveryHost,
  kubeconfig: Kubeconfig,
  {
    read,
    context,
  }: { readonly read: (client: KubeClient) => Promise<T>; readonly context: DiscoveryContext },
): Promise<T> {
  const { serverClock, timeoutMs } = context;
  const options: KubeConnectOptions = {
    maxAnswerBytes,
    timeoutMs: Math.min(apiRequestTimeoutMs, timeoutMs),
    retries: false,
    onDate: serverClock.note,
  };
  const client = host.kube(kubeconfig, options);
  const attempt = async (): Promise<T> => {
    try {
      return await read(client);
    } catch (error) {
      if (isAboutTime(obstacleOf(error, client.server)) && serverClock.ahead() === undefined)
        await askForTime(host, kubeconfig, context);
      throw error;
    }
  };
  const explained = (error: unknown): Obstacle | undefined => {
    const obstacle = obstacleOf(error, client.server);
    if (obstacle === undefined || !isAboutTime(obstacle)) return obstacle;
    return { ...obstacle, ...clockFinding(serverClock, { clock: host.clock, otherwise: obstacle.hint }) };
  };
  const wait = { ...context, clock: host.clock, what: 'cluster-info' };
  try {
    return await untilAnswered(attempt, explained, wait);
  } finally {
    client.close();
  }
}

function isAboutTime(obstacle: Obstacle | undefined): boolean {
  return obstacle?.reason === 'certificate-not-valid-now';
}

/** Asks the server without verification and without credentials. Only texts for the user use the answer. */
async function askForTime(
  host: DiscoveryHost,
  { clusters }: Kubeconfig,
  { serverClock, signal }: DiscoveryContext,
): Promise<void> {
  const user = 'anonymous';
  const unverified: Kubeconfig = {
    currentContext: 'time',
    clusters: clusters.slice(0, 1).map((cluster) => ({ ...withoutAuthority(cluster), name: 'any' })),
    contexts: [{ name: 'time', cluster: 'any', user }],
    users: [{ name: user }],
  };
  const client = host.kube(unverified, {
    maxAnswerBytes,
    timeoutMs: clockTimeoutMs,
    onDate: serverClock.note,
  });
  try {
    await client.raw('/version', { signal });
  } catch {
    // The error of the verified request counts.
  } finally {
    client.close();
  }
}

function withoutAuthority({
  certificateAuthority: _file,
  certificateAuthorityData: _data,
  ...cluster
}: KubeconfigCluster): KubeconfigCluster {
  return { ...cluster, insecureSkipTlsVerify: true };
}
