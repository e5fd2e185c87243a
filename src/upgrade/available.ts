/** Which upgrades a cluster can do. Source: cmd/kubeadm/app/phases/upgrade/compute.go, GetAvailableUpgrades. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import {
  compareSemanticVersions,
  formatSemanticVersion,
  parseSemanticVersion,
  type SemanticVersion,
} from '../lib/semantic-version.ts';
import { releaseOf } from '../releases/index.ts';
import { type ClusterVersions, newestVersion } from './cluster-versions.ts';

/** An upgrade that is possible, with the versions that it leads to. */
export interface AvailableUpgrade {
  /** `version in the v1.35 series`, `stable version`, `release candidate version` or `experimental version`. */
  readonly description: string;
  /** The new version of the control plane, such as `v1.36.2`. */
  readonly kubernetes: string;
  /** The version of kubeadm that can do it. */
  readonly kubeadm: string;
  readonly coredns: string;
  /** It is empty with an external etcd, and `N/A` if it is not known. */
  readonly etcd: string;
}

export interface UpgradeSearch {
  readonly versions: ClusterVersions;
  /** The version of this kubeadm, such as `v1.36.2`. */
  readonly kubeadm: string;
  readonly allowExperimental: boolean;
  readonly allowReleaseCandidate: boolean;
  /**
   * Returns the version of a label such as `stable` or `latest-1.36`. With a version of the user, each label is that
   * version.
   */
  readonly lookUp: (label: string) => Promise<string>;
}

const topic = 'upgrade/versions';

/**
 * Finds the possible upgrades and reports the versions on the way. A stable release that is not known is a warning.
 *
 * @throws KubeadmError `refused` if the version of the cluster is not known; the errors of `lookUp` for pre-releases
 */
export async function availableUpgrades(
  search: UpgradeSearch,
  emit: Emit,
): Promise<readonly AvailableUpgrade[]> {
  const report = (message: string): void => emit({ type: 'progress', topic, message });
  emit({ type: 'progress', topic: 'upgrade', message: 'Fetching available versions to upgrade to' });
  warnOfDifferentVersions(search.versions, emit);
  const cluster = newestVersion(search.versions.kubeApiserver);
  report(`Cluster version: ${formatSemanticVersion(cluster)}`);
  report(`kubeadm version: ${search.kubeadm}`);
  const stable = await stableVersion(search, emit);
  const patch = await patchVersion(search, { cluster, stable }, emit);
  const found = [
    ...patchUpgrade(search, cluster, patch),
    ...minorUpgrade(search, { cluster, patch, stable }),
    ...(await preReleases(search, cluster, report)),
  ];
  emit({ type: 'output', text: '\n' });
  return found;
}

/** A version with its text as the user or the server wrote it. */
interface Written {
  readonly text: string;
  readonly version: SemanticVersion;
}

const isNewer = (a: SemanticVersion, b: SemanticVersion): boolean => compareSemanticVersions(a, b) > 0;

function written(text: string): Written {
  const version = parseSemanticVersion(text);
  if (version !== undefined) return { text, version };
  throw new KubeadmError('usage', `"${text}" is not a version of Kubernetes`, {
    hint: 'Write a release such as v1.36.2.',
  });
}

function warnOfDifferentVersions({ kubeApiserver }: ClusterVersions, emit: Emit): void {
  if (kubeApiserver.size <= 1) return;
  const list = [...kubeApiserver].map(([version, nodes]) => `${version} on ${nodes.join(', ')}`).join('; ');
  const message = `the API servers of this cluster have different versions (${list}): upgrade the control planes to the same version`;
  emit({ type: 'warning', code: 'api-server-versions-differ', message });
}

async function stableVersion({ kubeadm, lookUp }: UpgradeSearch, emit: Emit): Promise<Written> {
  try {
    const stable = written(await lookUp('stable'));
    emit({ type: 'progress', topic, message: `Target version: ${stable.text}` });
    return stable;
  } catch (error) {
    const message = `${messageOf(error)}; the version of this kubeadm, ${kubeadm}, is taken as the latest stable version`;
    emit({ type: 'warning', code: 'release-not-fetched', topic, message });
    return written(kubeadm);
  }
}

/** The description of the series of a cluster's minor. */
const seriesOf = ({ major, minor }: SemanticVersion): string => `version in the v${major}.${minor} series`;

/** Returns the newest patch release of the cluster's minor. It is undefined if the minor is newer than the stable version. */
async function patchVersion(
  { lookUp }: UpgradeSearch,
  { cluster, stable }: { readonly cluster: SemanticVersion; readonly stable: Written },
  emit: Emit,
): Promise<Written | undefined> {
  if (isNewer(cluster, stable.version)) return undefined;
  try {
    const patch = written(await lookUp(`stable-${cluster.major}.${cluster.minor}`));
    emit({ type: 'progress', topic, message: `Latest ${seriesOf(cluster)}: ${patch.text}` });
    return patch;
  } catch (error) {
    emit({ type: 'warning', code: 'release-not-fetched', topic, message: messageOf(error) });
    return undefined;
  }
}

function patchUpgrade(
  search: UpgradeSearch,
  cluster: SemanticVersion,
  patch: Written | undefined,
): readonly AvailableUpgrade[] {
  if (patch === undefined || !isNewer(patch.version, cluster)) return [];
  const own = written(search.kubeadm);
  const kubeadm = isNewer(patch.version, own.version) ? patch.text : search.kubeadm;
  return [{ ...upgradeTo(search, seriesOf(cluster), patch.text), kubeadm }];
}

function minorUpgrade(
  search: UpgradeSearch,
  {
    cluster,
    patch,
    stable,
  }: { readonly cluster: SemanticVersion; readonly patch: Written | undefined; readonly stable: Written },
): readonly AvailableUpgrade[] {
  const isPossible = isNewer(stable.version, patch?.version ?? cluster);
  return isPossible ? [upgradeTo(search, 'stable version', stable.text)] : [];
}

/** The release server names an alpha version `latest`. The minor before it may have a release candidate. */
async function preReleases(
  search: UpgradeSearch,
  cluster: SemanticVersion,
  report: (message: string) => void,
): Promise<readonly AvailableUpgrade[]> {
  const { allowExperimental, allowReleaseCandidate, lookUp } = search;
  if (!allowExperimental && !allowReleaseCandidate) return [];
  const latest = written(await lookUp('latest'));
  report(`Latest experimental version: ${latest.text}`);
  const previous = written(await lookUp(`latest-1.${latest.version.minor - 1}`));
  report(`Latest previous version: ${previous.text}`);
  const isCandidate = previous.version.preRelease.startsWith('rc') && isNewer(previous.version, cluster);
  // The first alpha of a minor is older than the beta and candidate versions of the minor before.
  const experimental = latest.version.preRelease === 'alpha.0' ? previous : latest;
  return [
    ...(allowReleaseCandidate && isCandidate
      ? [upgradeTo(search, 'release candidate version', previous.text)]
      : []),
    ...(allowExperimental && isNewer(latest.version, cluster)
      ? [upgradeTo(search, 'experimental version', experimental.text)]
      : []),
  ];
}

function upgradeTo({ versions }: UpgradeSearch, description: string, kubernetes: string): AvailableUpgrade {
  const { coredns, etcd } = releaseOf(kubernetes).images;
  return {
    description,
    kubernetes,
    kubeadm: kubernetes,
    coredns,
    etcd: versions.etcd.size === 0 ? '' : etcd,
  };
}
