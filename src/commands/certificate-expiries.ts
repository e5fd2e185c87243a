import { loadRenewalConfiguration } from '../cluster/renewal-configuration.ts';
import type { Host } from '../host.ts';
import { renewableIn } from '../kubeconfig/renew.ts';
import { beginReport, type RunContext } from '../phases/execute.ts';
import { authorityExpiries, type CertificateExpiry, leafExpiries } from '../pki/expiry.ts';
import { type CertificateSource, renewalSource } from './certificate-source.ts';

export interface CertificateExpiries {
  /** The certificates that kubeadm renews, sorted by name. */
  readonly certificates: readonly CertificateExpiry[];
  readonly authorities: readonly CertificateExpiry[];
}

/**
 * `kubeadm certs check-expiration`: when the certificates of this node expire.
 *
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`, `kubeconfig-invalid` for a certificate that cannot be
 *   read; `interrupted`; the errors of `loadInitFamily`
 */
export async function certificateExpiries(
  host: Host,
  request: CertificateSource = {},
  context: RunContext = {},
): Promise<CertificateExpiries> {
  const { emit, signal } = beginReport(host, context);
  const topic = 'check-expiration';
  const cluster = await loadRenewalConfiguration(host, renewalSource(request), { emit, signal, topic });
  const certificates = await leafExpiries(host, { cluster, renewable: renewableIn(cluster) }, emit);
  return { certificates, authorities: await authorityExpiries(host, cluster, emit) };
}
