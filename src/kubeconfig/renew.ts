import type { ClusterConfiguration } from '../config/hub.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { FileReads, FileWrites } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import { kubernetesDir } from '../names.ts';
import { parseCertificates } from '../pki/files.ts';
import type { IssuedPair } from '../pki/issue.ts';
import { type Certificate, certificatePem } from '../pki/read-certificate.ts';
import { belongsToCluster, type RenewableCertificate, renewableLeaves } from '../pki/renew.ts';
import { currentClusterOf, currentUserOf } from './current.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { readKubeconfig } from './load.ts';
import { type KubeconfigSpec, kubeconfigs } from './table.ts';
import { formatKubeconfig } from './write.ts';

/** All certificates that kubeadm renews, sorted by name: the leaves, and the client certificates in kubeconfig files. */
export const renewableCertificates: readonly RenewableCertificate[] = [
  ...renewableLeaves,
  // The kubelet renews its own certificate.
  ...kubeconfigs.filter(({ name }) => name !== 'kubelet').map(inKubeconfig),
].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Returns the certificates that a cluster has. With an external etcd, those of etcd are not among them. */
export function renewableIn(cluster: ClusterConfiguration): readonly RenewableCertificate[] {
  return renewableCertificates.filter((renewable) => belongsToCluster(renewable, cluster));
}

/** The files are always in /etc/kubernetes, as upstream. */
function inKubeconfig({ file, longName, name }: KubeconfigSpec): RenewableCertificate {
  const path = joinPath(kubernetesDir, file);
  return {
    name: file,
    longName: `client certificate in the kubeconfig file for ${longName}`,
    authority: 'ca',
    path: () => path,
    keyPath: () => path,
    remedy:
      `Put a kubeconfig with an embedded certificate there from a backup, or remove ${path} and run ` +
      `\`kubeadm init phase kubeconfig ${name}\` with the configuration of the cluster.`,
    read: async (files) => {
      const embedded = await readEmbedded(files, path);
      return {
        certificate: embedded.certificate,
        replace: (writes, pair, authority) => replaceEmbedded(writes, { path, embedded, pair, authority }),
      };
    },
  };
}

interface Embedded {
  readonly config: Kubeconfig;
  readonly clusterName: string;
  readonly userName: string;
  readonly certificate: Certificate;
}

/**
 * Replaces the certificate and the key, and the CA by the current ca.crt. The rest of the file does not change.
 * Source: renewal, kubeConfigReadWriter.
 */
async function replaceEmbedded(
  files: FileWrites,
  replacement: {
    readonly path: string;
    readonly embedded: Embedded;
    readonly pair: IssuedPair;
    readonly authority: Certificate;
  },
): Promise<void> {
  const { path, embedded, pair, authority } = replacement;
  const { config, clusterName, userName } = embedded;
  const certificateAuthorityData = certificatePem(authority.der);
  const credentials = { clientCertificateData: pair.certificate, clientKeyData: pair.privateKey };
  const renewed = {
    ...config,
    clusters: config.clusters.map((one) =>
      one.name === clusterName ? { ...one, certificateAuthorityData } : one,
    ),
    users: config.users.map((one) => (one.name === userName ? { ...one, ...credentials } : one)),
  };
  await files.write(path, formatKubeconfig(renewed), { mode: 0o600 });
}

/** Reads the certificate and the CA. Both must be in the kubeconfig itself, because kubeadm does not change other files. */
async function readEmbedded(files: FileReads, path: string): Promise<Embedded> {
  const config = await readKubeconfig({ files }, path);
  const cluster = currentClusterOf(config, path);
  if (cluster.certificateAuthorityData === undefined)
    throw unusable(path, 'no CA certificate is embedded in it');
  const user = currentUserOf(config, path);
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
