import type { ClusterConfiguration } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import { type AuthorityName, authoritySpec, isForEtcd } from './certificates.ts';
import { isExternallyManaged, type PkiReads } from './external-ca.ts';
import { certificatePath, isFile, readCertificates } from './files.ts';
import type { RenewableCertificate } from './renew.ts';

/** One line of `certs check-expiration`. */
export interface CertificateExpiry {
  /** Name of the certificate, or of the kubeconfig file that it is in. */
  readonly name: string;
  /** undefined for an authority. */
  readonly authority: AuthorityName | undefined;
  /** undefined: the file is missing. */
  readonly notAfter: Date | undefined;
  /** The authority's key is not on this node: kubeadm cannot renew what it signs. */
  readonly externallyManaged: boolean;
}

/**
 * When certificates end, in the order in which they are given.
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`, `kubeconfig-invalid` when one that is there, or
 *   its authority, cannot be read
 */
export async function certificateExpiries(
  reads: PkiReads,
  {
    cluster,
    renewable,
  }: { readonly cluster: ClusterConfiguration; readonly renewable: readonly RenewableCertificate[] },
  emit: Emit,
): Promise<CertificateExpiry[]> {
  const directory = cluster.certificatesDir;
  const expiries: CertificateExpiry[] = [];
  for (const { authority, name, path, read } of renewable) {
    if (!(await isFile(reads.files, path(cluster)))) {
      expiries.push({ name, authority, notAfter: undefined, externallyManaged: false });
      continue;
    }
    const externallyManaged = await isExternallyManaged(reads, { name: authority, directory, emit });
    const { notAfter } = (await read(reads.files, cluster)).certificate;
    expiries.push({ name, authority, notAfter, externallyManaged });
  }
  return expiries;
}

/**
 * When the authorities of the cluster end, sorted by name.
 * @throws KubeadmError `certificate-invalid` when one that is there cannot be read
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
