import type { Emit } from '../events.ts';
import type { FileReads, FileWrites } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import { kubeletConf, kubernetesDir } from '../names.ts';
import type { NodeConfig } from '../pki/sans.ts';
import { currentClusterOf } from './current.ts';
import { readKubeconfig } from './load.ts';
import { serverOf } from './table.ts';
import { formatKubeconfig } from './write.ts';

/**
 * Lets the kubelet of a control plane talk to the API server of its own node, if its kubeconfig has the address for all
 * control planes. Older releases of kubeadm wrote that one. Source: phases/upgrade/postupgrade.go,
 * UpdateKubeletKubeconfigServer.
 *
 * @returns `changed` if the kubelet must now be restarted, and `local` if the file had the address of this node, which
 *   differs from the one for all control planes
 * @throws KubeadmError `kubeconfig-invalid`; FileError
 */
export async function useLocalServer(
  files: FileReads & FileWrites,
  config: NodeConfig,
  emit: Emit,
): Promise<'changed' | 'local' | 'other'> {
  const path = joinPath(kubernetesDir, kubeletConf);
  if ((await files.stat(path)) === undefined) return 'other';
  const kubeconfig = await readKubeconfig({ files }, path);
  const cluster = currentClusterOf(kubeconfig, path);
  const [local, shared] = [serverOf('local', config), serverOf('control-plane', config)];
  if (shared === local) return 'other';
  if (cluster.server !== shared) return cluster.server === local ? 'local' : 'other';
  const clusters = kubeconfig.clusters.map((one) =>
    one.name === cluster.name ? { ...one, server: local } : one,
  );
  await files.write(path, formatKubeconfig({ ...kubeconfig, clusters }), { mode: 0o600 });
  const message = `The kubelet now uses ${local} instead of ${shared}`;
  emit({ type: 'progress', topic: 'upgrade/kubeconfig', message });
  return 'changed';
}
