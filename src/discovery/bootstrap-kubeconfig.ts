/** The kubeconfig for the TLS bootstrap of the kubelet. */
import { KubeadmError } from '../errors.ts';
import { buildKubeconfig } from '../kubeconfig/build.ts';
import { currentClusterOf, currentContextOf, currentUserOf } from '../kubeconfig/current.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from '../kubeconfig/kubeconfig.ts';
import { defined } from '../lib/defined.ts';

const tokenUser = 'tls-bootstrap-token-user';
const defaultClusterName = 'kubernetes';

/** The kubeconfig with the bootstrap token as its credentials. Source: discovery.For. */
export function withBootstrapToken(cluster: KubeconfigCluster, token: string): Kubeconfig {
  return buildKubeconfig({
    clusterName: defaultClusterName,
    server: cluster.server,
    ...defined({ certificateAuthority: cluster.certificateAuthorityData }),
    user: { name: tokenUser, token },
  });
}

/**
 * The current context of the kubeconfig, with the name of the joined cluster in it, as upstream writes it. The name is known
 * only when the configuration of the cluster was read.
 *
 * @throws KubeadmError `kubeconfig-invalid` if it has no current context
 */
export function withClusterName(kubeconfig: Kubeconfig, clusterName: string): Kubeconfig {
  const cluster = currentClusterOf(kubeconfig);
  const context = currentContextOf(kubeconfig);
  const user = currentUserOf(kubeconfig);
  return {
    currentContext: kubeconfig.currentContext,
    clusters: [{ ...cluster, name: clusterName }],
    contexts: [{ ...context, cluster: clusterName }],
    users: [user],
  };
}

/** Whether the user has credentials that work for a TLS bootstrap. Source: util/kubeconfig HasAuthenticationCredentials. */
export function hasCredentials(user: KubeconfigUser | undefined): boolean {
  if (user === undefined) return false;
  const certificate = isSet(user.clientCertificateData) || isSet(user.clientCertificate);
  const key = isSet(user.clientKeyData) || isSet(user.clientKey);
  return (
    isSet(user.token) ||
    isSet(user.tokenFile) ||
    (isSet(user.username) && isSet(user.password)) ||
    (certificate && key)
  );
}

/** @param where names the kubeconfig for discovery */
export function withoutCredentials(where: string): KubeadmError {
  return new KubeadmError('kubeconfig-invalid', `${where} has no credentials for the TLS bootstrap`, {
    hint: 'Use a token for discovery, or a kubeconfig that has a client certificate or a token, or give the kubelet a token with "--tls-bootstrap-token".',
  });
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
