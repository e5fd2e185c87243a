import type { FileReads } from '../../host.ts';
import { readManifest } from '../../manifests/read-manifest.ts';
import {
  controllerManagerConf,
  controlPlaneComponents,
  kubernetesDir,
  manifestPath,
  schedulerConf,
} from '../../names.ts';

interface Reads {
  readonly files: FileReads;
}

/**
 * The static Pods that a control plane needs and whose manifests are not here. A machine is a control plane if it has one
 * of them, or the kubeconfig of the controller manager or the scheduler.
 */
export async function gatherMissingManifests(host: Reads): Promise<readonly string[]> {
  const exists = async (path: string): Promise<boolean> => (await host.files.stat(path)) !== undefined;
  const present = await Promise.all(
    controlPlaneComponents.map(async (name) => await exists(manifestPath(name))),
  );
  const files = [controllerManagerConf, schedulerConf].map(
    async (name) => await exists(`${kubernetesDir}/${name}`),
  );
  if (![...present, ...(await Promise.all(files))].includes(true)) return [];
  const missing = controlPlaneComponents.filter((_, index) => present[index] === false);
  return (await needsEtcd(host)) && !(await exists(manifestPath('etcd'))) ? ['etcd', ...missing] : missing;
}

/** Whether the API server connects to the etcd of this machine. */
async function needsEtcd(host: Reads): Promise<boolean> {
  const manifest = await readManifest(host, 'kube-apiserver');
  return /\/\/(?:127\.0\.0\.1|\[::1\]|localhost):/.test(manifest?.flags.get('etcd-servers') ?? '');
}
