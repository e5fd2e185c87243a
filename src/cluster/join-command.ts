import { KubeadmError } from '../errors.ts';
import type { FileReads } from '../host.ts';
import { currentClusterOf } from '../kubeconfig/current.ts';
import type { KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { redact } from '../lib/redact.ts';
import { caCertificateHashes } from './certificate-hash.ts';

const withheld = '<value withheld>';

export interface JoinCommandOptions {
  /** A secret. */
  readonly token: string;
  readonly skipTokenPrint?: boolean;
  /** Options for a control plane. The command defaults to that of a worker. */
  readonly controlPlane?: {
    /** A secret. It is empty if the certificates were not uploaded. */
    readonly certificateKey: string;
    readonly skipCertificateKeyPrint?: boolean;
  };
}

/**
 * Returns the command that joins a node, on several lines as `init` prints it. Scripts depend on its form, including the
 * space at the end of a line. Source: cmd/util/join.go.
 */
export function joinCommand(cluster: KubeconfigCluster, options: JoinCommandOptions): string {
  const pem = cluster.certificateAuthorityData;
  if (pem === undefined || pem === '') {
    throw new KubeadmError(
      'kubeconfig-invalid',
      `no CA certificate for the server ${redact(cluster.server)}`,
    );
  }
  const server = cluster.server.replaceAll('https://', '');
  const token = options.skipTokenPrint === true ? withheld : options.token;
  const hashes = caCertificateHashes(pem).map((hash) => `--discovery-token-ca-cert-hash ${hash} `);
  const worker = `kubeadm join ${server} --token ${token} \\\n\t${hashes.join('')}`;
  if (options.controlPlane === undefined) return worker;
  const { certificateKey, skipCertificateKeyPrint } = options.controlPlane;
  const key = skipCertificateKeyPrint === true ? withheld : certificateKey;
  return `${worker}\\\n\t--control-plane ${key === '' ? '' : `--certificate-key ${key}`}`;
}

/** Returns the cluster of a kubeconfig's current context. If the CA is a file, this reads it. */
export async function currentCluster(
  { files }: { readonly files: FileReads },
  path: string,
): Promise<KubeconfigCluster> {
  return currentClusterOf(await loadKubeconfig({ files }, path), path);
}
