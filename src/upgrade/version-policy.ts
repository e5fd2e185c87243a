/** Which versions a control plane may change to. Source: cmd/kubeadm/app/phases/upgrade/policy.go. */
import {
  compareSemanticVersions,
  formatSemanticVersion,
  parseSemanticVersion,
  type SemanticVersion,
} from '../lib/semantic-version.ts';
import { minimumControlPlaneVersion } from '../versions.ts';

/** By how many minors the control plane may change at once. */
const maximumStep = 1;
/** By how many minors a kubelet may be older than the control plane. */
const maximumKubeletSkew = 3;

export interface VersionChange {
  /** The new version of the control plane. */
  readonly target: SemanticVersion;
  /** The version of the API server. */
  readonly cluster: SemanticVersion;
  readonly kubeadm: SemanticVersion;
  /** The versions that the kubelets of the cluster report; undefined if the Nodes could not be read. */
  readonly kubelets: readonly string[] | undefined;
  readonly allowExperimental: boolean;
  readonly allowReleaseCandidate: boolean;
}

/** The reasons against a change of version. */
export interface PolicyVerdict {
  /** Reasons that always stop an upgrade. */
  readonly mandatory: readonly string[];
  /** Reasons that `--force` overrides. */
  readonly skippable: readonly string[];
}

/** Applies every rule. The same version again and a step of one minor down are allowed. */
export function checkVersionPolicy(change: VersionChange): PolicyVerdict {
  const { target } = change;
  // A pre-release may break the rules for whole minors if the user forces it.
  const steps = [...stepReasons(change), ...newerMinorThanKubeadm(change)];
  const [mandatory, skippable] = target.preRelease === '' ? [steps, []] : [[], steps];
  return {
    mandatory: [...belowMinimum(change), ...mandatory],
    skippable: [...skippable, ...kubeadmReasons(change), ...unstable(change), ...kubeletReasons(change)],
  };
}

/** Writes reasons as upstream does: each on its own line, after a tab and a dash. */
export function describeReasons(reasons: readonly string[]): string {
  return reasons.map((reason) => `\t- ${reason}`).join('\n');
}

const named = (version: SemanticVersion): string => `v${formatSemanticVersion(version)}`;
const minorOf = ({ major, minor }: SemanticVersion): string => `${major}.${minor}`;
const isOlder = (a: SemanticVersion, b: SemanticVersion): boolean => compareSemanticVersions(a, b) < 0;

function belowMinimum({ target }: VersionChange): readonly string[] {
  const minimum = parseSemanticVersion(minimumControlPlaneVersion);
  if (minimum === undefined || !isOlder(target, minimum)) return [];
  return [
    `version ${named(target)} is older than v${minimumControlPlaneVersion}, the oldest control plane that this kubeadm supports`,
  ];
}

function stepReasons({ cluster, target }: VersionChange): readonly string[] {
  const step = target.minor - cluster.minor;
  const change = `the cluster has ${named(cluster)}, and only ${maximumStep} minor at a time is possible`;
  if (step > maximumStep) return [`version ${named(target)} is too high: ${change}`];
  if (step < -maximumStep) return [`version ${named(target)} is too low: ${change}`];
  return [];
}

function newerMinorThanKubeadm({ kubeadm, target }: VersionChange): readonly string[] {
  if (!isOlder(kubeadm, target) || target.minor <= kubeadm.minor) return [];
  return [
    `version ${named(target)} is of a newer minor than this kubeadm, which is ${named(kubeadm)}: use the kubeadm of ${minorOf(target)}`,
  ];
}

function kubeadmReasons({ kubeadm, target }: VersionChange): readonly string[] {
  const isNewerPatch = isOlder(kubeadm, target) && target.minor <= kubeadm.minor;
  const isOlderMinor = kubeadm.major > target.major || kubeadm.minor > target.minor;
  return [
    ...(isNewerPatch
      ? [
          `version ${named(target)} is newer than this kubeadm, which is ${named(kubeadm)}: update kubeadm first`,
        ]
      : []),
    ...(isOlderMinor ? [`kubeadm ${named(kubeadm)} can only upgrade to Kubernetes ${minorOf(kubeadm)}`] : []),
  ];
}

function unstable({ allowExperimental, allowReleaseCandidate, target }: VersionChange): readonly string[] {
  const { preRelease } = target;
  if (preRelease === '' || allowExperimental) return [];
  const isCandidate = preRelease.startsWith('rc');
  if (isCandidate && allowReleaseCandidate) return [];
  const flag = isCandidate ? '--allow-release-candidate-upgrades' : '--allow-experimental-upgrades';
  return [`version ${named(target)} is unstable and needs the flag ${flag}`];
}

function kubeletReasons({ kubelets, target }: VersionChange): readonly string[] {
  if (kubelets === undefined)
    return ['the versions of the kubelets are not known, as the Nodes could not be listed'];
  const unreadable = kubelets.find((text) => parseSemanticVersion(text) === undefined);
  if (unreadable !== undefined)
    return [`the version of a kubelet cannot be read: ${JSON.stringify(unreadable)}`];
  const tooOld = kubelets.filter((text) => {
    const kubelet = parseSemanticVersion(text);
    return kubelet !== undefined && target.minor > kubelet.minor + maximumKubeletSkew;
  });
  if (tooOld.length === 0) return [];
  return [
    `kubelets of this cluster are more than ${maximumKubeletSkew} minors older than ${named(target)}: ${tooOld.join(', ')}`,
  ];
}
