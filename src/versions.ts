/** What differs per Kubernetes minor: one row each. Source: cmd/kubeadm/app/constants, app/util/version. */

/** The release of Kubernetes that this kubeadm stands for; version-skew rules hang on it. */
export const kubeadmVersion = 'v1.36.2';

export const pauseTag = '3.10.2';
export const coreDnsTag = 'v1.14.2';
/** Plain 3.5.24 satisfies it: the pre-release `0` sorts before it. */
export const minimumExternalEtcdVersion = '3.5.24-0';

const etcdTags: Readonly<Record<number, string>> = { 34: '3.6.8-0', 35: '3.6.8-0', 36: '3.6.8-0' };

/** etcd's image tag for a minor; outside the table the nearest row. */
export function etcdTag(minor: number): string {
  const minors = Object.keys(etcdTags).map(Number);
  const nearest = Math.min(Math.max(minor, Math.min(...minors)), Math.max(...minors));
  const tag = etcdTags[nearest];
  if (tag === undefined) throw new RangeError(`no etcd release is known for Kubernetes 1.${minor}`);
  return tag;
}

/** Derived from the minor of this kubeadm; printed without a leading v. */
export const currentKubernetesVersion = '1.36.0';
export const minimumControlPlaneVersion = '1.35.0';
export const minimumKubeletVersion = '1.33.0';
