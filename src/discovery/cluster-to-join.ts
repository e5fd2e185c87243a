import { KubeadmError } from '../errors.ts';
import { currentClusterOf } from '../kubeconfig/current.ts';
import type { Kubeconfig, KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';

/**
 * Returns the cluster that a kubeconfig for discovery means: the cluster without a name, or else the cluster of the current
 * context. Source: util/kubeconfig GetClusterFromKubeConfig.
 *
 * @param where names the kubeconfig in messages
 * @throws KubeadmError `kubeconfig-invalid`
 */
export function clusterToJoin(kubeconfig: Kubeconfig, where: string): KubeconfigCluster {
  if (kubeconfig.clusters.length === 0) {
    throw new KubeadmError('kubeconfig-invalid', `${where}: it has no cluster`, {
      hint: 'Name a kubeconfig with the server and the authority of the cluster.',
    });
  }
  return kubeconfig.clusters.find(({ name }) => name === '') ?? currentClusterOf(kubeconfig, where);
}
