import type { KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { Secret } from '../lib/secret.ts';
import { caCertificateHashes } from './certificate-hash.ts';
import { joinCommand } from './join-command.ts';

/** The data with which a node joins a cluster. */
export interface JoinAccess {
  /** `10.0.0.5:6443`. */
  readonly endpoint: string;
  readonly token: Secret;
  /** `sha256:…` of each CA. */
  readonly caCertHashes: readonly string[];
  /** The command line for a worker, with the line breaks that `init` prints. */
  readonly worker: Secret;
  /** The command line for another control plane, with the certificate key if there is one. */
  readonly controlPlane: Secret;
}

/**
 * @param secrets `certificateKey` is undefined if the certificates were not uploaded
 * @throws KubeadmError `kubeconfig-invalid` if the cluster has no CA certificate
 */
export function joinAccess(
  cluster: KubeconfigCluster,
  { certificateKey = '', token }: { readonly token: string; readonly certificateKey?: string | undefined },
): JoinAccess {
  return {
    worker: new Secret(joinCommand(cluster, { token })),
    controlPlane: new Secret(joinCommand(cluster, { token, controlPlane: { certificateKey } })),
    endpoint: cluster.server.replace(/^https:\/\//, ''),
    token: new Secret(token),
    caCertHashes: caCertificateHashes(cluster.certificateAuthorityData ?? ''),
  };
}
