import { KubeadmError } from '../errors.ts';
import type { FileReads } from '../host.ts';
import { currentClusterOf } from '../kubeconfig/current.ts';
import type { KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { caCertificateHashes } from './certificate-hash.ts';

const withheld = '<value withheld>';

export interface JoinCommandOptions {
  /** A secret. */
  readonly token: string;
  readonly skipTokenPrint?: boolean;
  /** The command for a control plane; left out: for a worker. */
  readonly controlPlane?: {
    /** A secret; empty: the certificates were not uploaded. */
    readonly certificateKey: string;
    readonly skipCertificateKeyPrint?: boolean;
  };
}

/**
 * The command that joins a node, broken over lines as `init` prints it. Source: cmd/util/join.go; its form
 * is an interface, down to the blank at the end of a line.
 */
export function joinCommand(cluster: KubeconfigCluster, options: JoinCommandOptions): string {
  const pem = cluster.certificateAuthorityData;
  if (pem === undefined || pem === '') {
    throw new KubeadmError('kubeconfig-invalid', `no CA certificate for the server ${cluster.server}`);
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

/** The cluster of a kubeconfig's current context, with its CA read from the file that it may name. */
export async function currentCluster(
  { files }: { readonly files: FileReads },
  path: string,
): Promise<KubeconfigCluster> {
  return currentClusterOf(await loadKubeconfig({ files }, path), path);
}
