import type { ClusterConfiguration } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import { type AuthorityName, authoritySpec, isForEtcd } from './certificates.ts';
import { isExternallyManaged, type PkiReads } from './external-ca.ts';
import { certificatePath, isFile, readCertificates } from './files.ts';
import { type RenewableCertificate, readRenewable } from './renew.ts';

/** One line of `certs check-expiration`. */
export interface CertificateExpiry {
  /** The name of the certificate, or of the kubeconfig file that has it. */
  readonly name: string;
  /** Undefined for an authority. */
  readonly authority: AuthorityName | undefined;
  /** Undefined if the file is missing. */
  readonly notAfter: Date | undefined;
  /** Whether the key of the authority is not on this node, so that kubeadm cannot renew the certificate. */
  readonly externallyManaged: boolean;
}

/**
 * The ends of certificates, in the given order.
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`, `kubeconfig-invalid` if an existing one, or its
 *   authority, cannot be read
 */
export async function leafExpiries(
  reads: PkiReads,
  {
    cluster,
    renewable,
  }: { readonly cluster: ClusterConfiguration; readonly renewable: readonly RenewableCertificate[] },
  emit: Emit,
): Promise<CertificateExpiry[]> {
  const directory = cluster.certificatesDir;
  const expiries: CertificateExpiry[] = [];
  for (const one of renewable) {
    const { authority, name } = one;
    if (!(await isFile(reads.files, one.path(cluster)))) {
      expiries.push({ name, authority, notAfter: undefined, externallyManaged: false });
      continue;
    }
    const externallyManaged = await isExternallyManaged(reads, { name: authority, directory, emit });
    const { notAfter } = (await readRenewable(reads.files, one, cluster)).certificate;
    expiries.push({ name, authority, notAfter, externallyManaged });
  }
  return expiries;
}

/**
 * The ends of the authorities of the cluster, sorted by name.
 * @throws KubeadmError `certificate-invalid` if an existing one cannot be read
 */
export async function authorityExpiries(
  reads: PkiReads,
  cluster: ClusterConfiguration,
  emit: Emit,
): Promise<CertificateExpiry[]> {
  const directory = cluster.certificatesDir;
  const names: readonly AuthorityName[] = ['ca', 'etcd-ca', 'front-proxy-ca'];
  const expiries: CertificateExpiry[] = [];
  for (const name of names) {
    const spec = authoritySpec(name);
    if (cluster.etcd.external !== undefined && isForEtcd(spec)) continue;
    const path = certificatePath(directory, spec.baseName);
    const missing = { name, authority: undefined, notAfter: undefined, externallyManaged: false };
    if (!(await isFile(reads.files, path))) {
      expiries.push(missing);
      continue;
    }
    const externallyManaged = await isExternallyManaged(reads, { name, directory, emit });
    const { notAfter } = (await readCertificates(reads.files, path)).certificate;
    expiries.push({ ...missing, notAfter, externallyManaged });
  }
  return expiries;
}
