/** Whether a kubeconfig belongs to the cluster of this node, by its server and its certificate authority. */
import { createHash } from 'node:crypto';

import { KubeadmError } from '../errors.ts';
import type { FileReads } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import { kubeconfigFiles, kubernetesDir } from '../names.ts';
import { certificatePath } from '../pki/files.ts';
import { parsePem } from '../pki/pem.ts';
import type { Kubeconfig, KubeconfigCluster } from './kubeconfig.ts';
import { readKubeconfig } from './load.ts';
import { parseServerAddress } from './server-address.ts';

/** The values that identify a cluster. They hold no secret. */
export interface ClusterIdentity {
  /** The addresses of its API servers as `scheme://host:port/path`. */
  readonly servers: readonly string[];
  /** SHA-256 of the DER of its certificate authorities, in hexadecimal. */
  readonly authorities: readonly string[];
  /** The file with the certificate authority, which a kubeconfig can name. */
  readonly authorityFile: string;
}

export type Belonging =
  /** All clusters of the kubeconfig are this one, and so are its contexts and users. */
  | { readonly belongs: true }
  /** `reason` is undefined if nothing in it points at this cluster. */
  | { readonly belongs: false; readonly reason: string | undefined };

/**
 * Reads the identity from the kubeconfigs that kubeadm made on this node. Files that are missing or broken are passed over.
 *
 * @param certificatesDir the directory with ca.crt
 * @param recorded the identity in the record of a run that was cut off, which may have removed these files
 */
export async function readClusterIdentity(
  reads: { readonly files: FileReads },
  certificatesDir: string,
  recorded: ClusterIdentity | undefined,
): Promise<ClusterIdentity> {
  const authorityFile = certificatePath(certificatesDir, 'ca');
  const servers = new Set(recorded?.servers);
  const authorities = new Set(recorded?.authorities);
  for (const file of kubeconfigFiles) {
    const kubeconfig = await unlessUnusable(readKubeconfig(reads, joinPath(kubernetesDir, file)));
    for (const cluster of kubeconfig?.clusters ?? []) {
      const address = addressOf(cluster);
      if (address !== undefined) servers.add(address);
      for (const hash of authorityHashes(cluster.certificateAuthorityData ?? '')) authorities.add(hash);
    }
  }
  const own = await unlessUnusable(reads.files.readText(authorityFile));
  for (const hash of authorityHashes(own ?? '')) authorities.add(hash);
  return { servers: [...servers], authorities: [...authorities], authorityFile };
}

/** Compares every cluster, context and user of a kubeconfig with the cluster of this node. */
export function belongsTo({ clusters, contexts, users }: Kubeconfig, identity: ClusterIdentity): Belonging {
  const own = clusters.filter((cluster) => pointsAt(cluster, identity));
  const hasServer = (cluster: KubeconfigCluster): boolean => isServer(cluster, identity);
  if (own.length === 0) {
    const similar = clusters.filter((one) => hasServer(one) || trusts(one, identity)).map(({ name }) => name);
    if (similar.length === 0) return { belongs: false, reason: undefined };
    const differs = clusters.some(hasServer)
      ? 'trusts another certificate authority than this cluster has'
      : 'names a server that no kubeconfig of this node names';
    return { belongs: false, reason: `its cluster ${similar.join(', ')} ${differs}` };
  }
  const names = own.map(({ name }) => name);
  const others = clusters.filter((cluster) => !own.includes(cluster)).map(({ name }) => name);
  if (others.length > 0)
    return { belongs: false, reason: `it also has other clusters: ${others.join(', ')}` };
  const foreign = contexts.filter(({ cluster }) => !names.includes(cluster)).map(({ name }) => name);
  if (foreign.length > 0) {
    return {
      belongs: false,
      reason: `it has contexts of clusters that it does not name: ${foreign.join(', ')}`,
    };
  }
  const unused = users
    .filter(({ name }) => !contexts.some(({ user }) => user === name))
    .map(({ name }) => name);
  if (unused.length > 0) {
    return {
      belongs: false,
      reason: `it has users that no context of this cluster uses: ${unused.join(', ')}`,
    };
  }
  return { belongs: true };
}

function pointsAt(cluster: KubeconfigCluster, identity: ClusterIdentity): boolean {
  return isServer(cluster, identity) && trusts(cluster, identity);
}

function isServer(cluster: KubeconfigCluster, { servers }: ClusterIdentity): boolean {
  const address = addressOf(cluster);
  return address !== undefined && servers.includes(address);
}

function trusts(cluster: KubeconfigCluster, { authorities, authorityFile }: ClusterIdentity): boolean {
  const { certificateAuthority, certificateAuthorityData } = cluster;
  if (certificateAuthorityData === undefined) return certificateAuthority === authorityFile;
  const hashes = authorityHashes(certificateAuthorityData);
  return hashes.length > 0 && hashes.every((hash) => authorities.includes(hash));
}

function addressOf({ server }: KubeconfigCluster): string | undefined {
  try {
    const { host, pathPrefix, port, scheme } = parseServerAddress(server);
    return `${scheme}://${host.toLowerCase()}:${port}${pathPrefix}`;
  } catch (error) {
    if (error instanceof KubeadmError) return undefined;
    throw error;
  }
}

function authorityHashes(pem: string): readonly string[] {
  const blocks = parsePem(pem).filter(({ type }) => type === 'CERTIFICATE');
  return blocks.map(({ der }) => createHash('sha256').update(der).digest('hex'));
}

async function unlessUnusable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof KubeadmError) return undefined;
    throw error;
  }
}
