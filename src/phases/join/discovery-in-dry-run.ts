import type { ClientContext } from '../../cluster/client.ts';
import type { Discovery } from '../../config/hub.ts';
import { maxAnswerBytes } from '../../discovery/ask.ts';
import { clusterInfoRef, kubeconfigTextOf } from '../../discovery/cluster-info.ts';
import { anonymousKubeconfig } from '../../discovery/token.ts';
import { KubeApiError } from '../../errors.ts';
import { madeUpDiscovery, madeUpKubeconfig } from '../../host/dry-run/made-up-cluster.ts';
import type { Host } from '../../host.ts';

/**
 * Returns the discovery that a dry run uses. If the API server does not answer, the dry run makes up a cluster, and the
 * token, the CA hash and the endpoint of that replace the given ones. Source: app/discovery/token,
 * mutateTokenDiscoveryForDryRun.
 *
 * @param host the host of the dry run
 */
export async function discoveryInDryRun(
  host: Pick<Host, 'kube'>,
  discovery: Discovery,
  { emit, signal }: ClientContext,
): Promise<Discovery> {
  const { bootstrapToken } = discovery;
  if (bootstrapToken === undefined) return discovery;
  const server = `https://${bootstrapToken.apiServerEndpoint}`;
  if (!(await isMadeUp(host, server, signal))) return discovery;
  const { apiServerEndpoint, caCertHash, token } = madeUpDiscovery;
  const message = `${server} does not answer, so the dry run makes up a cluster with the endpoint ${apiServerEndpoint}, the token ${token} and the CA ${caCertHash}`;
  emit({ type: 'warning', code: 'dry-run-discovery-replaced', topic: 'dryrun', message });
  const caCertHashes = [...bootstrapToken.caCertHashes, caCertHash];
  return { ...discovery, bootstrapToken: { ...bootstrapToken, apiServerEndpoint, caCertHashes, token } };
}

async function isMadeUp({ kube }: Pick<Host, 'kube'>, server: string, signal: AbortSignal): Promise<boolean> {
  const client = kube(anonymousKubeconfig(server, { insecureSkipTlsVerify: true }), { maxAnswerBytes });
  try {
    return kubeconfigTextOf(await client.get(clusterInfoRef, { signal })) === madeUpKubeconfig;
  } catch (error) {
    // The server answers. The discovery reports why it refuses.
    if (error instanceof KubeApiError) return false;
    throw error;
  } finally {
    client.close();
  }
}
