import { KubeadmError } from '../errors.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from './kubeconfig.ts';

/**
 * What the current context names: to which server a client speaks, and as whom; a user without a name has no
 * credentials.
 *
 * @throws KubeadmError `kubeconfig-invalid` when it names no cluster, as that of an empty file
 */
export function currentOf(kubeconfig: Kubeconfig): {
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
} {
  const context = kubeconfig.contexts.find(({ name }) => name === kubeconfig.currentContext);
  const cluster = kubeconfig.clusters.find(({ name }) => name === context?.cluster);
  const user = kubeconfig.users.find(({ name }) => name === context?.user);
  if (cluster === undefined) {
    throw new KubeadmError(
      'kubeconfig-invalid',
      `the kubeconfig's current context "${kubeconfig.currentContext}" names no cluster`,
    );
  }
  return { cluster, user: user ?? { name: '' } };
}
