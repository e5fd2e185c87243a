import { type ClusterConfiguration, keyAlgorithm } from '../config/hub.ts';
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host/ports.ts';
import { parseIP } from '../lib/ip.ts';
import { loadAuthority } from './ca.ts';
import type { Certificate } from './certificate.ts';
import { authoritySpec, type LeafSpec } from './certificates.ts';
import { checkExternalAuthority } from './external-ca.ts';
import { certificatePath, readCertificates, writePair } from './files.ts';
import { after, before, type IssuedPair, issue } from './issue.ts';
import type { Authority } from './x509.ts';

export interface RenewalInput {
  readonly cluster: ClusterConfiguration;
  /** The new certificates' period counts from it. */
  readonly startTime: Date;
}

/** `external`: the authority's key is not on this node, so nothing was done. */
export type RenewalResult = 'renewed' | 'missing' | 'external';

/**
 * Renews a certificate of the table with a new key (app/phases/certs/renewal). Names, groups and usages are
 * copied from the old certificate: the configuration has no say in them.
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`; FileError
 */
export async function renewLeaf(
  host: Host,
  input: RenewalInput,
  spec: LeafSpec,
  emit: Emit,
): Promise<RenewalResult> {
  const directory = input.cluster.certificatesDir;
  const path = certificatePath(directory, spec.baseName);
  if ((await host.files.stat(path)) === undefined) return 'missing';
  if (await checkExternalAuthority(host, { name: spec.authority, directory, emit })) return 'external';
  const { certificate } = await readCertificates(host.files, path);
  const authority = await loadAuthority(host, { spec: authoritySpec(spec.authority), directory }, emit);
  const renewed = await reissue(host, { input, old: certificate, path, authority });
  await writePair(host.files, { directory, baseName: spec.baseName }, renewed);
  return 'renewed';
}

export interface Reissue {
  readonly input: RenewalInput;
  readonly old: Certificate;
  /** Where the old one stands, for messages. */
  readonly path: string;
  readonly authority: Authority;
}

/** A new pair like the old one, with a new key and a new period. */
export function reissue(
  sources: Pick<Host, 'keys' | 'random'>,
  { input, old, path, authority }: Reissue,
): Promise<IssuedPair> {
  if (old.extendedKeyUsages.length === 0 || old.commonName === '') {
    const lack = old.commonName === '' ? 'common name' : 'extended key usage';
    throw new KubeadmError(
      'certificate-invalid',
      `the certificate in ${path} has no ${lack} and cannot be renewed`,
      {
        place: { file: path },
      },
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
