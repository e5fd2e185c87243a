/**
 * What this kubeadm is, and the versions that it therefore supports beside it. What it deploys is in releases/.
 * Source: cmd/kubeadm/app/constants, getSkewedKubernetesVersion.
 */

/** The release of Kubernetes that this kubeadm stands for. */
export const kubeadmVersion = 'v1.36.2';

/** Releases without a leading v: the first one of a minor. */
export interface SupportedVersions {
  /** Of kubeadm's own minor. */
  readonly current: string;
  readonly minimumControlPlane: string;
  readonly minimumKubelet: string;
}

/**
 * A kubeadm deploys its own minor and the one before, and works with kubelets that are up to three minors older.
 *
 * @throws RangeError for a text that does not begin as a version
 */
export function supportedVersions(kubeadm: string): SupportedVersions {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(kubeadm) ?? [];
  if (minor === undefined) throw new RangeError(`${JSON.stringify(kubeadm)} is not a version of kubeadm`);
  const older = (by: number): string => `${major}.${Number(minor) - by}.0`;
  return { current: older(0), minimumControlPlane: older(1), minimumKubelet: older(3) };
}

export const {
  current: currentKubernetesVersion,
  minimumControlPlane: minimumControlPlaneVersion,
  minimumKubelet: minimumKubeletVersion,
} = supportedVersions(kubeadmVersion);

/** Minors in which the kubelet of a node, which may be older than its cluster, began to act in another way. */
export const kubeletSince = {
  /** It does not start on cgroup v1 by default (KEP 5573). */
  refusesCgroupV1: 35,
  /** It asks the container runtime for the cgroup driver and has no other source (KEP 4033). */
  needsRuntimeConfig: 37,
} as const;
