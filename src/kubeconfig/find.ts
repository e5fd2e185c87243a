import type { FileReads, SystemReads } from '../host.ts';
import { adminConf, kubernetesDir } from '../names.ts';

/**
 * The kubeconfig of commands without --kubeconfig: the first that is there of those that KUBECONFIG names (it
 * defaults to $HOME/.kube/config) and /etc/kubernetes/admin.conf; the first of them when none is there.
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
    // What may not be looked at counts as not there.
    if ((await files.stat(path).catch(() => undefined)) !== undefined) return path;
  }
  return candidates[0] ?? admin;
}
