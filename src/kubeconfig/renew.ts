import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host/ports.ts';
import { joinPath } from '../lib/join-path.ts';
import { loadAuthority } from '../pki/ca.ts';
import { type Certificate, certificatePem } from '../pki/certificate.ts';
import { authoritySpec } from '../pki/certificates.ts';
import type { CertificateExpiry } from '../pki/expiry.ts';
import { checkExternalAuthority, type PkiReads } from '../pki/external-ca.ts';
import { parseCertificates } from '../pki/files.ts';
import { type RenewalInput, type RenewalResult, reissue } from '../pki/renew.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { readKubeconfig } from './load.ts';
import { type KubeconfigSpec, kubeconfigs } from './table.ts';
import { formatKubeconfig } from './write.ts';

/** The kubelet renews its own certificate, so its file is not among these. */
export const renewableKubeconfigs: readonly KubeconfigSpec[] = kubeconfigs.filter(
  ({ name }) => name !== 'kubelet',
);

interface Embedded {
  readonly config: Kubeconfig;
  readonly clusterName: string;
  readonly userName: string;
  readonly certificate: Certificate;
}

/**
 * Renews the client certificate in a kubeconfig, with a new key, and puts the present ca.crt into it; all else
 * in the file stays (app/phases/certs/renewal, kubeConfigReadWriter).
 * @throws KubeadmError `kubeconfig-invalid`, `certificate-missing`, `certificate-invalid`
 */
export async function renewKubeconfig(
  host: Host,
  {
    input,
    file,
    directory,
  }: { readonly input: RenewalInput; readonly file: string; readonly directory: string },
  emit: Emit,
): Promise<RenewalResult> {
  const path = joinPath(directory, file);
  if ((await host.files.stat(path)) === undefined) return 'missing';
  const { certificatesDir } = input.cluster;
  if (await checkExternalAuthority(host, { name: 'ca', directory: certificatesDir, emit })) return 'external';
  const embedded = await readEmbedded(host, path);
  const authority = await loadAuthority(
    host,
    { spec: authoritySpec('ca'), directory: certificatesDir },
    emit,
  );
  const pair = await reissue(host, { input, old: embedded.certificate, path, authority });
  const { config, clusterName, userName } = embedded;
  const certificateAuthorityData = certificatePem(authority.certificate.der);
  const credentials = {
    clientCertificateData: pair.certificate,
    clientKeyData: pair.privateKey,
  };
  const renewed = {
    ...config,
    clusters: config.clusters.map((one) =>
      one.name === clusterName ? { ...one, certificateAuthorityData } : one,
    ),
    users: config.users.map((one) => (one.name === userName ? { ...one, ...credentials } : one)),
  };
  await host.files.write(path, formatKubeconfig(renewed), { mode: 0o600 });
  return 'renewed';
}

/**
 * When the client certificates in the kubeconfig files end.
 * @throws KubeadmError `kubeconfig-invalid`, `certificate-invalid`
 */
export async function kubeconfigExpiries(
  reads: PkiReads,
  { directory, certificatesDir }: { readonly directory: string; readonly certificatesDir: string },
  emit: Emit,
): Promise<CertificateExpiry[]> {
  const expiries: CertificateExpiry[] = [];
  for (const { file } of renewableKubeconfigs) {
    const path = joinPath(directory, file);
    const missing = (await reads.files.stat(path)) === undefined;
    const notAfter = missing ? undefined : (await readEmbedded(reads, path)).certificate.notAfter;
    const externallyManaged =
      !missing && (await checkExternalAuthority(reads, { name: 'ca', directory: certificatesDir, emit }));
    expiries.push({ name: file, authority: 'ca', notAfter, externallyManaged });
  }
  return expiries;
}

/** The certificate must be in the file itself, and the CA too: what a file names is not kubeadm's to change. */
async function readEmbedded(reads: Pick<PkiReads, 'files'>, path: string): Promise<Embedded> {
  const config = await readKubeconfig(reads, path);
  const context = config.contexts.find(({ name }) => name === config.currentContext);
  if (context === undefined)
    throw unusable(path, `its current context "${config.currentContext}" is missing`);
  const cluster = config.clusters.find(({ name }) => name === context.cluster);
  if (cluster === undefined) throw unusable(path, `the cluster "${context.cluster}" is missing`);
  if (cluster.certificateAuthorityData === undefined)
    throw unusable(path, 'no CA certificate is embedded in it');
  const user = config.users.find(({ name }) => name === context.user);
  if (user === undefined) throw unusable(path, `the user "${context.user}" is missing`);
  if (user.clientCertificateData === undefined)
    throw unusable(path, 'no client certificate is embedded in it');
  try {
    const { certificate } = parseCertificates(user.clientCertificateData, 'the client certificate');
    return { config, clusterName: cluster.name, userName: user.name, certificate };
  } catch (error) {
    throw unusable(path, messageOf(error));
  }
}

function unusable(path: string, problem: string): KubeadmError {
  return new KubeadmError('kubeconfig-invalid', `${path}: ${problem}`, { place: { file: path } });
}
