import type { ClusterConfiguration, Timeouts } from '../../config/hub.ts';
import type { EtcdDataSources } from '../../etcd/data-dir.ts';
import type { KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import type { ResetRecord } from '../../run-record/record.ts';
import type { Phase } from '../../workflow/phase.ts';
import type { PhaseFlag } from '../phase-flag.ts';

/** A phase of `kubeadm reset`. */
export type ResetPhase = Phase<ResetInput, Host, KubeadmEvent, PhaseFlag>;

/** What `kubeadm reset` was asked to do: built once (build-input.ts), frozen, the same for every phase. */
export interface ResetInput {
  readonly options: ResetOptions;
  /** Its contents are deleted. */
  readonly certificatesDir: string;
  /** As the user typed it, or as the configuration has it; never empty. */
  readonly criSocket: string;
  /** ResetConfiguration.unmountFlags. */
  readonly unmountFlags: readonly string[];
  readonly timeouts: Pick<Timeouts, 'kubernetesAPICall' | 'etcdAPICall'>;
  /** What the cluster says of itself and of this node; undefined when it could not be asked. */
  readonly cluster: ResetCluster | undefined;
  /** The reset that did not end; undefined: there is none. */
  readonly unfinished: ResetRecord | undefined;
}

export interface ResetOptions {
  readonly dryRun: boolean;
  /** Do not ask. */
  readonly force: boolean;
  /** Also the contents of /etc/kubernetes/tmp. */
  readonly cleanupTmpDir: boolean;
  /** Lower-case names, or `all`. */
  readonly ignorePreflightErrors: readonly string[];
}

export interface ResetCluster {
  readonly kubeconfig: Kubeconfig;
  readonly configuration: ClusterConfiguration;
  /** Of this node's API server; empty on a worker, and when neither the cluster nor a manifest of this node names it. */
  readonly advertiseAddress: string;
}

/** By which the data of this node's etcd member is found. */
export function etcdDataSources({
  certificatesDir,
  cluster,
  unfinished,
}: Pick<ResetInput, 'certificatesDir' | 'cluster' | 'unfinished'>): EtcdDataSources {
  return { configuration: cluster?.configuration, recorded: unfinished?.etcdDataDir, certificatesDir };
}
