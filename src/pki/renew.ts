/** Renews the certificates that the authorities on this node signed (app/phases/certs/renewal). */
import { type ClusterConfiguration, keyAlgorithm } from '../config/hub.ts';
import { FileError, KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileReads, FileWrites, Host } from '../host.ts';
import { defined } from '../lib/defined.ts';
import { parseIP } from '../lib/ip.ts';
import { directoryOf, joinPath } from '../lib/join-path.ts';
import { isTemporaryName } from '../lib/temporary-name.ts';
import { loadAuthority } from './ca.ts';
import { type AuthorityName, authoritySpec, leaves } from './certificates.ts';
import { isExternallyManaged } from './external-ca.ts';
import { certificatePath, isFile, keyPath, readCertificates, writePair } from './files.ts';
import { after, before, type IssuedPair, issue } from './issue.ts';
import { warnReadableKey } from './key-mode.ts';
import type { Certificate } from './read-certificate.ts';
import type { Authority } from './x509.ts';

/** A certificate that kubeadm renews, in its own file or inside of another one. */
export interface RenewableCertificate {
  /** The name of the command `certs renew …`. */
  readonly name: string;
  /** The purpose, as the object of a sentence. */
  readonly longName: string;
  readonly authority: AuthorityName;
  /** The path of the file that has the certificate. */
  readonly path: (cluster: Pick<ClusterConfiguration, 'certificatesDir'>) => string;
  /** The path of the file that has its private key. */
  readonly keyPath: (cluster: ClusterConfiguration) => string;
  /** What the user can do if the certificate cannot be read or renewed. */
  readonly remedy: string;
  /** Reads the certificate. @throws KubeadmError if it cannot be read */
  readonly read: (files: FileReads, cluster: ClusterConfiguration) => Promise<ReadCertificate>;
}

export interface ReadCertificate {
  readonly certificate: Certificate;
  /** Replaces the old pair by a new one, which `authority` signed. */
  readonly replace: (files: FileWrites, pair: IssuedPair, authority: Certificate) => Promise<void>;
}

/** The renewable certificates: the leaves of the table. Authorities are never renewed. */
export const renewableLeaves: readonly RenewableCertificate[] = leaves().map(
  ({ authority, baseName, longName, name }) => {
    const path = ({ certificatesDir }: Pick<ClusterConfiguration, 'certificatesDir'>) =>
      certificatePath(certificatesDir, baseName);
    return {
      name,
      longName,
      authority,
      path,
      keyPath: ({ certificatesDir }) => keyPath(certificatesDir, baseName),
      remedy:
        `Put good files there from a backup, or remove ${baseName}.crt and ${baseName}.key and run ` +
        `\`kubeadm init phase certs ${name}\` with the configuration of the cluster.`,
      read: async (files, cluster) => {
        const { certificate } = await readCertificates(files, path(cluster));
        const pair = { directory: cluster.certificatesDir, baseName };
        return { certificate, replace: (writes, renewed) => writePair(writes, pair, renewed) };
      },
    };
  },
);

export interface RenewalInput {
  readonly cluster: ClusterConfiguration;
  /** The begin of the new certificates' validity period. */
  readonly startTime: Date;
}

/**
 * The result is `missing` if there is no file, or if etcd is external and so the certificate does not belong to this
 * cluster. It is `external` if the authority's key is not on this node. In both cases nothing was changed.
 */
export type RenewalResult = 'renewed' | 'missing' | 'external';

/**
 * Renews a certificate with a new key. Names, groups and usages are copied from the old certificate and do not depend
 * on the configuration. A run that is cut off leaves the old certificate, so that the next one renews it.
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`, `kubeconfig-invalid`; FileError
 */
export async function renewCertificate(
  host: Host,
  input: RenewalInput,
  renewable: RenewableCertificate,
  emit: Emit,
): Promise<RenewalResult> {
  const { cluster } = input;
  const directory = cluster.certificatesDir;
  const path = renewable.path(cluster);
  if (!belongsToCluster(renewable, cluster) || !(await isFile(host.files, path))) return 'missing';
  const name = renewable.authority;
  if (await isExternallyManaged(host, { name, directory, emit })) return 'external';
  const { certificate: old, replace } = await readRenewable(host.files, renewable, cluster);
  const authority = await loadAuthority(host, { spec: authoritySpec(name), directory }, emit);
  const keys = [keyPath(directory, authoritySpec(name).baseName), renewable.keyPath(cluster)];
  for (const key of keys) await warnReadableKey(host.files, { cluster, path: key }, emit);
  const renewed = await reissue(host, { input, old, path, authority, remedy: renewable.remedy });
  await removeLeftovers(host.files, path);
  await replace(host.files, renewed, authority.certificate);
  return 'renewed';
}

/**
 * Reads a certificate that exists. An error about its content gets the remedy, because `certs` makes no new certificate
 * in the place of a broken one.
 *
 * @throws FileError; KubeadmError `certificate-invalid`, `kubeconfig-invalid`
 */
export async function readRenewable(
  files: FileReads,
  { read, remedy }: RenewableCertificate,
  cluster: ClusterConfiguration,
): Promise<ReadCertificate> {
  try {
    return await read(files, cluster);
  } catch (error) {
    if (!(error instanceof KubeadmError) || error instanceof FileError) throw error;
    const { code, details, message, place } = error;
    throw new KubeadmError(code, message, { cause: error, details, hint: remedy, ...defined({ place }) });
  }
}

/** Removes the temporary files of a renewal that was cut off. They contain keys. */
async function removeLeftovers(files: FileReads & FileWrites, path: string): Promise<void> {
  const folder = directoryOf(path);
  const begin = `.${path.slice(path.lastIndexOf('/') + 1).replace(/\.crt$/, '')}.`;
  for (const name of (await files.list(folder)) ?? []) {
    if (isTemporaryName(name) && name.startsWith(begin)) await files.remove(joinPath(folder, name));
  }
}

/** An external etcd has its own certificates. */
export function belongsToCluster(
  { authority }: Pick<RenewableCertificate, 'authority'>,
  { etcd }: ClusterConfiguration,
): boolean {
  return etcd.external === undefined || authority !== 'etcd-ca';
}

interface Reissue {
  readonly input: RenewalInput;
  readonly old: Certificate;
  /** The place of the old certificate, for messages. */
  readonly path: string;
  readonly authority: Authority;
  readonly remedy: string;
}

/** Makes a pair like the old one with a new key and a new period. */
function reissue(
  sources: Pick<Host, 'keys' | 'random'>,
  { input, old, path, authority, remedy }: Reissue,
): Promise<IssuedPair> {
  if (old.extendedKeyUsages.length === 0 || old.commonName === '') {
    const lack = old.commonName === '' ? 'common name' : 'extended key usage';
    throw new KubeadmError(
      'certificate-invalid',
      `the certificate in ${path} has no ${lack} and cannot be renewed`,
      { place: { file: path }, hint: remedy },
    );
  }
  const template = {
    commonName: old.commonName,
    organizations: old.organizations,
    dnsNames: [...new Set(old.dnsNames)].sort(),
    ips: [...new Set(old.ips.map((ip) => parseIP(ip)?.text ?? ip))],
    usages: old.extendedKeyUsages,
    notBefore: before(input.startTime),
    notAfter: after(input.startTime, input.cluster.certificateValidityPeriod),
  };
  return issue(sources, { template, algorithm: keyAlgorithm(input.cluster), authority });
}
