import { createPrivateKey } from 'node:crypto';
import { type ClusterConfiguration, keyAlgorithm } from '../config/hub.ts';
import { KubeadmError } from '../errors.ts';
import type { FileReads, Host } from '../host.ts';
import { leaves } from './certificates.ts';
import { keyPath, requestPath, writeKey } from './files.ts';
import { encodePem } from './pem.ts';
import type { NodeConfig } from './sans.ts';
import { createRequest, type SubjectTemplate } from './x509.ts';

/** Where `makeSigningRequests` writes. */
export function signingRequestPaths({ certificatesDir }: ClusterConfiguration): readonly string[] {
  return leaves().flatMap(({ baseName }) => [
    keyPath(certificatesDir, baseName),
    requestPath(certificatesDir, baseName),
  ]);
}

/**
 * Keys and signing requests for each certificate of the table but the authorities, also those of etcd where
 * etcd is external (app/phases/certs, CreateDefaultKeysAndCSRFiles). To be called after `refuseExisting`.
 *
 * @returns the base names made
 */
export async function makeSigningRequests(host: Host, config: NodeConfig): Promise<readonly string[]> {
  const directory = config.cluster.certificatesDir;
  const specs = leaves();
  for (const spec of specs) {
    const names = spec.names?.(config) ?? { dnsNames: [], ips: [] };
    const subject = {
      commonName: spec.commonName(config),
      organizations: [],
      dnsNames: names.dnsNames,
      ips: names.ips,
    };
    const { privateKey } = await host.keys.generate(keyAlgorithm(config.cluster));
    await writeKey(host.files, keyPath(directory, spec.baseName), privateKey);
    await writeRequest(host, { path: requestPath(directory, spec.baseName), subject, privateKey });
  }
  return specs.map(({ baseName }) => baseName);
}

/**
 * Looks at all paths before the first write, because keys and requests are never written over.
 *
 * @throws KubeadmError `refused` if a path exists, or if a file stands in the place of one of its folders
 */
export async function refuseExisting(files: FileReads, paths: readonly string[]): Promise<void> {
  for (const folder of new Set(paths.flatMap(foldersOf))) {
    const stat = await files.stat(folder);
    if (stat === undefined || stat.kind === 'directory') continue;
    const hint = 'Move the file away, or choose another directory.';
    throw new KubeadmError('refused', `not a directory: ${folder}`, { place: { file: folder }, hint });
  }
  for (const path of paths) {
    if ((await files.stat(path)) === undefined) continue;
    const hint = 'Move it away: keys and signing requests are never overwritten.';
    throw new KubeadmError('refused', `file already exists: ${path}`, { place: { file: path }, hint });
  }
}

/** Returns the folders of a path, the outermost first. */
function foldersOf(path: string): readonly string[] {
  return Array.from(path.matchAll(/(?<=[^/])\//g), ({ index }) => path.slice(0, index));
}

/** `CERTIFICATE REQUEST` PEM for the key. */
export async function writeRequest(
  { files }: Pick<Host, 'files'>,
  request: { readonly path: string; readonly subject: SubjectTemplate; readonly privateKey: string },
): Promise<void> {
  const der = await createRequest(request.subject, createPrivateKey(request.privateKey));
  await files.write(request.path, encodePem('CERTIFICATE REQUEST', der), {
    mode: 0o600,
    directoryMode: 0o700,
  });
}
