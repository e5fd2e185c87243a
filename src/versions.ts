/**
 * The version of this kubeadm, and the versions that it supports. src/releases has the contents of each release.
 * Source: cmd/kubeadm/app/constants, getSkewedKubernetesVersion.
 */

/** The release of Kubernetes that this kubeadm corresponds to. */
export const kubeadmVersion = 'v1.36.2';

/** The first release of each supported minor, without a leading v. */
export interface SupportedVersions {
  /** The first release of kubeadm's own minor. */
  readonly current: string;
  readonly minimumControlPlane: string;
  readonly minimumKubelet: string;
}

/**
 * Returns the supported versions. A kubeadm deploys its own minor and the one before. It supports kubelets that are up to
 * three minors older.
 *
 * @throws RangeError for a text that does not begin with a version
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

/** The minors in which the behaviour of the kubelet changed. The kubelet of a node can be older than its cluster. */
export const kubeletSince = {
  /** From this minor on, the kubelet does not start on cgroup v1 by default (KEP 5573). */
  refusesCgroupV1: 35,
  /** From this minor on, the kubelet gets the cgroup driver only from the container runtime (KEP 4033). */
  needsRuntimeConfig: 37,
} as const;
