import type { NodeConfiguration } from '../../cluster/node-configuration.ts';
import type { KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import type { PatchSet } from '../../patches/index.ts';
import type { UpgradeRecord } from '../../run-record/record.ts';
import type { BackUps } from '../../upgrade/back-up.ts';
import type { Phase, PhaseContext } from '../../workflow/phase.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { RunScope } from '../run-scope.ts';

/** A phase of both `kubeadm upgrade apply` and `kubeadm upgrade node`. */
export type UpgradePhase = Phase<UpgradeInput, Host, KubeadmEvent, PhaseFlag, RunScope>;

/** A phase of `kubeadm upgrade apply`. */
export type ApplyPhase = Phase<ApplyInput, Host, KubeadmEvent, PhaseFlag, RunScope>;

export type UpgradeContext = PhaseContext<KubeadmEvent, RunScope>;

/**
 * The options of an upgrade: built once, frozen, the same for every phase. The configuration of the cluster has the new
 * version. Its timeouts are those of the UpgradeConfiguration.
 */
export interface UpgradeInput extends NodeConfiguration {
  readonly subcommand: UpgradeRecord['subcommand'];
  readonly options: UpgradeOptions;
  /** Start of the run. The validity of certificates counts from it. */
  readonly startTime: Date;
  readonly patches: PatchSet | undefined;
  /** Path of the kubeconfig with which the cluster is asked. */
  readonly kubeconfig: string;
  /** Whether this node has a control plane. */
  readonly isControlPlane: boolean;
  readonly externalCA: boolean;
  /** Whether the dry run has made up its cluster, because there is no kubeconfig. */
  readonly isMadeUp: boolean;
  readonly backups: BackUps;
  /** The unfinished run that this run resumes; undefined if there is none. */
  readonly unfinished: UpgradeRecord | undefined;
}

export interface UpgradeOptions {
  readonly certificateRenewal: boolean;
  readonly etcdUpgrade: boolean;
  /** Lower-case names, or `all`. */
  readonly ignorePreflightErrors: readonly string[];
}

export interface ApplyInput extends UpgradeInput {
  readonly apply: {
    /** Whether the user is asked before anything changes. */
    readonly ask: boolean;
    /** Whether reasons against the version that `force` overrides do not stop the upgrade. */
    readonly force: boolean;
    readonly allowExperimental: boolean;
    readonly allowReleaseCandidate: boolean;
  };
}
