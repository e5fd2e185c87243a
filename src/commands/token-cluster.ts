import type { KubeClient, KubeConnect } from '../clients/kube/kube-client.ts';
import { closedOnAbort } from '../cluster/client.ts';
import { isNotFound, KubeadmError, NetError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { ReadHost } from '../host.ts';
import { currentClusterOf } from '../kubeconfig/current.ts';
import { findKubeconfig } from '../kubeconfig/find.ts';
import type { Kubeconfig, KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';

/** The cluster that a token command works on. */
export interface TokenCluster {
  /** The path of its kubeconfig. */
  readonly path: string;
  readonly kubeconfig: Kubeconfig;
  readonly cluster: KubeconfigCluster;
}

/**
 * Reads the cluster of a kubeconfig.
 *
 * @param given the path; defaults to the kubeconfig that `findKubeconfig` returns
 * @throws KubeadmError `file` if the kubeconfig does not exist; `kubeconfig-invalid`
 */
export async function tokenCluster(
  host: ReadHost,
  given: string | undefined,
  emit: Emit,
): Promise<TokenCluster> {
  const path = given ?? (await findKubeconfig(host));
  emit({ type: 'detail', verbosity: 1, message: `the kubeconfig is ${path}` });
  try {
    const kubeconfig = await loadKubeconfig(host, path);
    return { path, kubeconfig, cluster: currentClusterOf(kubeconfig, path) };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new KubeadmError('file', `there is no kubeconfig file ${path}`, {
      cause: error,
      hint:
        'Name that of the cluster with --kubeconfig. By default it is the first existing file of KUBECONFIG ' +
        '(or $HOME/.kube/config) and /etc/kubernetes/admin.conf.',
    });
  }
}

/** Calls `use` with a client of the cluster. Closes the client afterwards, and when `signal` is aborted. */
export async function withTokenClient<T>(
  { kubeconfig, path }: TokenCluster,
  { connect, signal }: { readonly connect: KubeConnect; readonly signal: AbortSignal },
  use: (client: KubeClient) => Promise<T>,
): Promise<T> {
  const client = connect(kubeconfig);
  try {
    return await closedOnAbort(client, signal, () => use(client));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof NetError)) throw error;
    throw new KubeadmError('net', `the API server of the cluster does not answer: ${error.message}`, {
      cause: error,
      hint: `Is the cluster up, and is ${path} its kubeconfig? Name another one with --kubeconfig.`,
    });
  } finally {
    client.close();
  }
}
