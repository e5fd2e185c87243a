import type { ClusterConfiguration } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import { type AuthorityName, certificates, isForEtcd } from './certificates.ts';
import { checkExternalAuthority, type PkiReads } from './external-ca.ts';
import { certificatePath, readCertificates } from './files.ts';

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
 * When the certificates of the table end, leaves and authorities, without those of an external etcd.
 * @throws KubeadmError `certificate-invalid` when a file that is there cannot be read
 */
export async function certificateExpiries(
  reads: PkiReads,
  cluster: ClusterConfiguration,
  emit: Emit,
): Promise<CertificateExpiry[]> {
  const directory = cluster.certificatesDir;
  const specs = certificates.filter((spec) => cluster.etcd.external === undefined || !isForEtcd(spec));
  const expiries: CertificateExpiry[] = [];
  for (const spec of specs) {
    const authority = spec.kind === 'leaf' ? spec.authority : undefined;
    const path = certificatePath(directory, spec.baseName);
    const missing = (await reads.files.stat(path)) === undefined;
    const notAfter = missing ? undefined : (await readCertificates(reads.files, path)).certificate.notAfter;
    const name = spec.kind === 'leaf' ? spec.authority : spec.name;
    const externallyManaged = !missing && (await checkExternalAuthority(reads, { name, directory, emit }));
    expiries.push({ name: spec.name, authority, notAfter, externallyManaged });
  }
  return expiries;
}
