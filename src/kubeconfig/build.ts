import type { Host } from '../host.ts';
import { issueClient, type PkiInput } from '../pki/issue.ts';
import { certificatePem } from '../pki/read-certificate.ts';
import type { Authority } from '../pki/x509.ts';
import type { Kubeconfig, KubeconfigUser } from './kubeconfig.ts';

export interface KubeconfigContent {
  readonly clusterName: string;
  readonly server: string;
  /** PEM. Without it somebody has to complete the file later. */
  readonly certificateAuthority?: string;
  readonly user: KubeconfigUser;
}

/** Returns a kubeconfig with one cluster, one user, and the context `<user>@<cluster>`. */
export function buildKubeconfig({
  clusterName,
  server,
  certificateAuthority,
  user,
}: KubeconfigContent): Kubeconfig {
  const context = `${user.name}@${clusterName}`;
  const trust = certificateAuthority === undefined ? {} : { certificateAuthorityData: certificateAuthority };
  return {
    currentContext: context,
    clusters: [{ name: clusterName, server, ...trust }],
    contexts: [{ name: context, cluster: clusterName, user: user.name }],
    users: [user],
  };
}

export interface ClientKubeconfigOrder {
  readonly input: PkiInput;
  readonly authority: Authority;
  readonly server: string;
  readonly user: string;
  readonly organizations: readonly string[];
  /** Defaults to certificateValidityPeriod from the start of the run. */
  readonly notAfter?: Date;
}

/** Returns a kubeconfig with a new client certificate. */
export async function buildClientKubeconfig(
  sources: Pick<Host, 'keys' | 'random'>,
  order: ClientKubeconfigOrder,
): Promise<Kubeconfig> {
  const { input, authority, server, user, organizations, notAfter } = order;
  const { certificate, privateKey } = await issueClient(sources, {
    input,
    authority,
    commonName: user,
    organizations,
    ...(notAfter === undefined ? {} : { notAfter }),
  });
  return buildKubeconfig({
    clusterName: input.cluster.clusterName,
    server,
    certificateAuthority: certificatePem(authority.certificate.der),
    user: { name: user, clientCertificateData: certificate, clientKeyData: privateKey },
  });
}
