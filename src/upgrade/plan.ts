/** The plan of an upgrade as data, which `upgrade plan` prints. Source: cmd/kubeadm/app/cmd/upgrade/plan.go. */
import { formatSemanticVersion } from '../lib/semantic-version.ts';
import type { AvailableUpgrade } from './available.ts';
import { type ClusterVersions, type NodesByVersion, newestVersion } from './cluster-versions.ts';

/** The object UpgradePlan of output.kubeadm.k8s.io/v1alpha3. */
export interface UpgradePlan {
  readonly availableUpgrades: readonly PlannedUpgrade[];
  readonly configVersions: readonly ComponentConfigVersion[];
}

export interface PlannedUpgrade {
  readonly description: string;
  readonly components: readonly ComponentUpgrade[];
}

export interface ComponentUpgrade {
  readonly name: string;
  readonly currentVersion: string;
  readonly newVersion: string;
  /** It is missing for what the cluster has only once. */
  readonly nodeName?: string;
}

/** The API version of a component's configuration in the cluster. */
export interface ComponentConfigVersion {
  readonly group: string;
  /** It is empty if the cluster does not have the configuration. */
  readonly currentVersion: string;
  readonly preferredVersion: string;
  readonly manualUpgradeRequired: boolean;
}

export interface PlanInput {
  readonly versions: ClusterVersions;
  readonly upgrades: readonly AvailableUpgrade[];
  readonly configVersions: readonly ComponentConfigVersion[];
  /** The version of this kubeadm. */
  readonly kubeadm: string;
  /** Whether the upgrade changes etcd. */
  readonly etcdUpgrade: boolean;
}

/** Lists what each upgrade changes, in the order of upstream. */
export function upgradePlan(input: PlanInput): UpgradePlan {
  return {
    availableUpgrades: input.upgrades.map((upgrade) => ({
      description: upgrade.description,
      components: componentsOf(upgrade, input),
    })),
    configVersions: input.configVersions,
  };
}

function componentsOf(upgrade: AvailableUpgrade, input: PlanInput): readonly ComponentUpgrade[] {
  const { etcdUpgrade, kubeadm, versions } = input;
  const target = upgrade.kubernetes;
  const once = (name: string, currentVersion: string, newVersion: string): ComponentUpgrade => ({
    name,
    currentVersion,
    newVersion,
  });
  const cluster = formatSemanticVersion(newestVersion(versions.kubeApiserver));
  return [
    ...(canUpgradeKubelets(versions.kubelets, target) ? perNode('kubelet', versions.kubelets, target) : []),
    ...perNode('kube-apiserver', versions.kubeApiserver, target),
    ...perNode('kube-controller-manager', versions.kubeControllerManager, target),
    ...perNode('kube-scheduler', versions.kubeScheduler, target),
    once('kube-proxy', cluster, target),
    once('CoreDNS', versions.coredns, upgrade.coredns),
    once('kubeadm', kubeadm, upgrade.kubeadm),
    ...(etcdUpgrade ? perNode('etcd', versions.etcd, upgrade.etcd) : []),
  ];
}

/** Kubelets of several versions can always be upgraded. */
function canUpgradeKubelets(kubelets: NodesByVersion, target: string): boolean {
  return kubelets.size > 1 || (kubelets.size === 1 && !kubelets.has(target));
}

/** One row for each node, by version. */
function perNode(name: string, versions: NodesByVersion, newVersion: string): readonly ComponentUpgrade[] {
  return [...versions]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([currentVersion, nodes]) =>
      nodes.map((nodeName) => ({
        name,
        currentVersion,
        newVersion,
        ...(nodeName === '' ? {} : { nodeName }),
      })),
    );
}
