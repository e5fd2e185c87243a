import { controlPlaneEndpoint } from '../config/endpoints.ts';
import type { InitFamilyConfig } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { loadAuthority } from '../pki/ca.ts';
import { authoritySpec } from '../pki/certificates.ts';
import { after } from '../pki/issue.ts';
import { certificatePem } from '../pki/read-certificate.ts';
import { buildClientKubeconfig, buildKubeconfig } from './build.ts';
import type { Kubeconfig } from './kubeconfig.ts';

export interface UserOrder {
  readonly config: Pick<InitFamilyConfig, 'cluster' | 'init'>;
  readonly name: string;
  /** Groups of the user. A user with a token has the groups of the token's authenticator instead. */
  readonly organizations: readonly string[];
  /** The validity of the client certificate, in milliseconds from now. */
  readonly validity: number;
  /** A secret. If it is set, no certificate is made. */
  readonly token?: string;
}

/**
 * Returns a kubeconfig for one more user of the cluster, with the control plane's address. The CA's key must exist even for
 * a token, as upstream. Source: app/phases/kubeconfig, WriteKubeConfigWithClientCert and WriteKubeConfigWithToken.
 *
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`
 */
export async function buildUserKubeconfig(
  host: Pick<Host, 'files' | 'clock' | 'keys' | 'random'>,
  { config, name, organizations, validity, token }: UserOrder,
  emit: Emit,
): Promise<Kubeconfig> {
  const { cluster, init } = config;
  const where = { spec: authoritySpec('ca'), directory: cluster.certificatesDir };
  const authority = await loadAuthority(host, where, emit);
  const server = controlPlaneEndpoint(cluster, init.localAPIEndpoint);
  if (token !== undefined) {
    return buildKubeconfig({
      clusterName: cluster.clusterName,
      server,
      certificateAuthority: certificatePem(authority.certificate.der),
      user: { name, token },
    });
  }
  const startTime = host.clock.now();
  return await buildClientKubeconfig(host, {
    input: { cluster, init, startTime },
    authority,
    server,
    user: name,
    organizations,
    notAfter: after(startTime, validity),
  });
}
