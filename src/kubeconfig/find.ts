import type { FileReads, SystemReads } from '../host.ts';
import { adminConf, kubernetesDir } from '../names.ts';

/**
 * Returns the kubeconfig of a command without --kubeconfig. It is the first existing file among those of KUBECONFIG (which
 * defaults to $HOME/.kube/config) and /etc/kubernetes/admin.conf. If none exists, it is the first of these paths.
 * Source: cmd/util GetKubeConfigPath, client-go clientcmd GetDefaultFilename.
 */
export async function findKubeconfig({
  files,
  system,
}: {
  readonly files: FileReads;
  readonly system: SystemReads;
}): Promise<string> {
  const { HOME: home = '', KUBECONFIG: list = '' } = system.environment();
  const admin = `${kubernetesDir}/${adminConf}`;
  const candidates = [...(list === '' ? [home && `${home}/.kube/config`] : list.split(':')), admin].filter(
    (path) => path !== '',
  );
  for (const path of candidates) {
    // A path that this user may not access counts as missing.
    if ((await files.stat(path).catch(() => undefined)) !== undefined) return path;
  }
  return candidates[0] ?? admin;
}
