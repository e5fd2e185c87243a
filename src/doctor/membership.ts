/** Finds the role of a machine in its cluster by the files that kubeadm leaves. */
import type { FileReads } from '../host.ts';
import {
  bootstrapKubeletConf,
  controllerManagerConf,
  kubeletConf,
  kubernetesDir,
  manifestPath,
  schedulerConf,
  staticPods,
} from '../names.ts';

/** `none` is a machine that is not part of a cluster. */
export type Role = 'control-plane' | 'worker' | 'none';

export interface Membership {
  readonly role: Role;
  /** The static Pods whose manifests are here, in the order of their dependencies. */
  readonly components: readonly string[];
}

/** Only control planes have these. A user may copy admin.conf to any machine. */
const controlPlaneFiles = [controllerManagerConf, schedulerConf];
const nodeFiles = [kubeletConf, bootstrapKubeletConf];

/** Returns the role and the static Pods of this machine. A file that cannot be looked at counts as absent. */
export async function membershipOf({ files }: { readonly files: FileReads }): Promise<Membership> {
  const exists = async (path: string): Promise<boolean> =>
    await files.stat(path).then(
      (stat) => stat !== undefined,
      () => false,
    );
  const anyOf = async (names: readonly string[]): Promise<boolean> =>
    (await Promise.all(names.map(async (name) => await exists(`${kubernetesDir}/${name}`)))).includes(true);
  const ordered = ['etcd', ...staticPods.filter((name) => name !== 'etcd')];
  const present = await Promise.all(ordered.map(async (name) => await exists(manifestPath(name))));
  const components = ordered.filter((_, index) => present[index] === true);
  if (components.length > 0 || (await anyOf(controlPlaneFiles))) return { role: 'control-plane', components };
  return { role: (await anyOf(nodeFiles)) ? 'worker' : 'none', components };
}
