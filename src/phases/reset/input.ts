import type { ClusterConfiguration, Timeouts } from '../../config/hub.ts';
import type { EtcdDataSources } from '../../etcd/data-dir.ts';
import type { KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import type { ClusterIdentity } from '../../kubeconfig/cluster-identity.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import type { JoinRecord, ResetRecord } from '../../run-record/record.ts';
import type { Phase } from '../../workflow/phase.ts';
import type { PhaseFlag } from '../phase-flag.ts';

/** A phase of `kubeadm reset`. */
export type ResetPhase = Phase<ResetInput, Host, KubeadmEvent, PhaseFlag>;

/** The options of `kubeadm reset`: built once (build-input.ts), frozen, the same for every phase. */
export interface ResetInput {
  readonly options: ResetOptions;
  /** The directory whose contents are deleted. */
  readonly certificatesDir: string;
  /** The socket as the user typed it, or as configured; never empty. */
  readonly criSocket: string;
  /** ResetConfiguration.unmountFlags. */
  readonly unmountFlags: readonly string[];
  readonly timeouts: Pick<Timeouts, 'kubernetesAPICall' | 'etcdAPICall'>;
  /** The cluster's data about itself and this node; undefined if it could not be asked. */
  readonly cluster: ResetCluster | undefined;
  /**
   * The kubeconfig of a cluster that did not give its configuration and that other machines serve, so that it may answer
   * later; undefined if there is no such cluster.
   */
  readonly silentCluster?: Kubeconfig | undefined;
  /** The servers and authorities of the cluster, by which `reset --all` knows its kubeconfigs. */
  readonly identity: ClusterIdentity;
  /** The reset that did not end; undefined if there is none. */
  readonly unfinished: ResetRecord | undefined;
  /** The join that did not end, whose etcd member must be removed; undefined if there is none. */
  readonly unfinishedJoin?: JoinRecord | undefined;
}

export interface ResetOptions {
  /** Whether to ask the user before anything is changed. */
  readonly ask: boolean;
  /** Whether to delete the data of a member that other members still count. */
  readonly force: boolean;
  /** Also delete the contents of /etc/kubernetes/tmp. */
  readonly cleanupTmpDir: boolean;
  /** Also remove what network plugins, kube-proxy, the kubelet and users made for the cluster. */
  readonly all: boolean;
  /** Lower-case names, or `all`. */
  readonly ignorePreflightErrors: readonly string[];
}

export interface ResetCluster {
  readonly kubeconfig: Kubeconfig;
  readonly configuration: ClusterConfiguration;
  /** Address of this node's API server; empty on a worker, and if neither the cluster nor a manifest has it. */
  readonly advertiseAddress: string;
}

/** The values that determine the data of this node's etcd member. */
export function etcdDataSources({
  certificatesDir,
  cluster,
  unfinished,
  unfinishedJoin,
}: Pick<ResetInput, 'certificatesDir' | 'cluster' | 'unfinished' | 'unfinishedJoin'>): EtcdDataSources {
  const recorded = unfinished?.etcdDataDir ?? unfinishedJoin?.etcdDataDir;
  return { configuration: cluster?.configuration, recorded, certificatesDir };
}
