import { keyAlgorithm } from '../config/hub.ts';
import type { Host } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import type { NodeConfig } from '../pki/sans.ts';
import { writeRequest } from '../pki/signing-request.ts';
import { buildKubeconfig } from './build.ts';
import { kubeconfigs, serverOf } from './table.ts';
import { formatKubeconfig } from './write.ts';

/** Returns the paths that `makeKubeconfigRequests` writes to, and the paths of possible keys for such requests. */
export function kubeconfigRequestPaths(directory: string): readonly string[] {
  return kubeconfigs.flatMap(({ file }) =>
    [file, `${file}.csr`, `${file}.key`].map((name) => joinPath(directory, name)),
  );
}

/**
 * Writes kubeconfig files with a key but without a certificate, each with a signing request `<file>.csr` beside it. Call
 * `refuseExisting` before. Source: app/phases/kubeconfig, CreateDefaultKubeConfigsAndCSRFiles.
 *
 * @returns the names of the files that it wrote
 */
export async function makeKubeconfigRequests(
  host: Host,
  { directory, ...config }: NodeConfig & { readonly directory: string },
): Promise<readonly string[]> {
  const { clusterName } = config.cluster;
  for (const spec of kubeconfigs) {
    const { privateKey } = await host.keys.generate(keyAlgorithm(config.cluster));
    const server = serverOf(spec.serverElsewhere, config);
    const user = { name: spec.user(config), clientKeyData: privateKey };
    const path = joinPath(directory, spec.file);
    const text = formatKubeconfig(buildKubeconfig({ clusterName, server, user }));
    await host.files.write(path, text, { mode: 0o600, directoryMode: 0o755 });
    const subject = { commonName: user.name, organizations: spec.organizations, dnsNames: [], ips: [] };
    await writeRequest(host, { path: `${path}.csr`, subject, privateKey });
  }
  return kubeconfigs.map(({ file }) => file);
}
