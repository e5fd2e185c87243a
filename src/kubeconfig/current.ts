/** Finds the current context of a kubeconfig, with its cluster and its user. */
import { KubeadmError } from '../errors.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigContext, KubeconfigUser } from './kubeconfig.ts';

/** Returns undefined if the file has no such context. */
export function findCurrentContext({ contexts, currentContext }: Kubeconfig): KubeconfigContext | undefined {
  return contexts.find(({ name }) => name === currentContext);
}

/**
 * @param path the path for messages; defaults to the path of the kubeconfig
 * @throws KubeadmError `kubeconfig-invalid` if the file has no such context
 */
export function currentContextOf(kubeconfig: Kubeconfig, path = kubeconfig.path): KubeconfigContext {
  const { currentContext } = kubeconfig;
  const context = findCurrentContext(kubeconfig);
  if (context !== undefined) return context;
  const problem =
    currentContext === ''
      ? 'it has no current context'
      : `its current context "${currentContext}" is not one of its contexts`;
  throw unusable(problem, path);
}

/** Returns the cluster of the current context. @throws KubeadmError `kubeconfig-invalid` if the file does not have it */
export function currentClusterOf(kubeconfig: Kubeconfig, path = kubeconfig.path): KubeconfigCluster {
  const context = currentContextOf(kubeconfig, path);
  const cluster = kubeconfig.clusters.find(({ name }) => name === context.cluster);
  if (cluster !== undefined) return cluster;
  throw unusable(`the cluster "${context.cluster}" of its current context is missing`, path);
}

/** Returns the user of the current context. @throws KubeadmError `kubeconfig-invalid` if the file does not have it */
export function currentUserOf(kubeconfig: Kubeconfig, path = kubeconfig.path): KubeconfigUser {
  const context = currentContextOf(kubeconfig, path);
  const user = kubeconfig.users.find(({ name }) => name === context.user);
  if (user !== undefined) return user;
  throw unusable(`the user "${context.user}" of its current context is missing`, path);
}

function unusable(problem: string, path: string | undefined): KubeadmError {
  const place = path === undefined ? {} : { place: { file: path, path: 'current-context' } };
  const hint = 'Repair the file, or name another one.';
  return new KubeadmError('kubeconfig-invalid', `${path ?? 'the kubeconfig'}: ${problem}`, {
    ...place,
    hint,
  });
}
