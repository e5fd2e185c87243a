import type { RenewalSource } from '../cluster/renewal-configuration.ts';
import { adminConf, defaultCertificatesDir, kubernetesDir } from '../names.ts';
import { type ConfigRequest, configSource } from '../phases/config-source.ts';

/** The configuration for commands about the certificates of this node. It defaults to that of the cluster. */
export interface CertificateSource extends Pick<ConfigRequest<never>, 'configPath' | 'configText'> {
  /** The kubeconfig of the cluster with the configuration. Defaults to /etc/kubernetes/admin.conf. */
  readonly kubeconfig?: string;
  /** Overrides the directory of the cluster. Defaults to /etc/kubernetes/pki. A configuration file has its own. */
  readonly certificatesDir?: string;
}

/** @throws KubeadmError as `configSource` */
export function renewalSource(request: CertificateSource): RenewalSource {
  return {
    ...configSource<never>(request),
    kubeconfig: request.kubeconfig ?? `${kubernetesDir}/${adminConf}`,
    certificatesDir: request.certificatesDir ?? defaultCertificatesDir,
  };
}
