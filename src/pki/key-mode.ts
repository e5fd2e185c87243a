import { type ClusterConfiguration, featureEnabled } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import type { FileReads } from '../host.ts';

/**
 * Warns of a private key that users other than its owner can read. A file that is there keeps its mode when it is
 * written again, as upstream. A control plane that does not run as root shares sa.key with a group.
 *
 * @param path of a file that holds a private key; it may be missing
 */
export async function warnReadableKey(
  files: FileReads,
  { cluster, path }: { readonly cluster: ClusterConfiguration; readonly path: string },
  emit: Emit,
): Promise<void> {
  const stat = await files.stat(path);
  const others = featureEnabled(cluster, 'RootlessControlPlane') ? 0o007 : 0o077;
  if (stat === undefined || (stat.mode & others) === 0) return;
  const mode = stat.mode.toString(8).padStart(4, '0');
  const message = `${path} holds a private key, and users other than its owner have access to it (mode ${mode}): chmod 600 ${path}`;
  emit({ type: 'warning', code: 'private-key-not-private', message });
}
