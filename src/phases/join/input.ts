import type { JoinConfiguration } from '../../config/hub.ts';
import type { KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import type { PatchSet } from '../../patches/index.ts';
import type { JoinRecord } from '../../run-record/record.ts';
import type { Phase, PhaseContext } from '../../workflow/phase.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { JoinScope } from './scope.ts';

/** A phase of `kubeadm join`. */
export type JoinPhase = Phase<JoinInput, Host, KubeadmEvent, PhaseFlag, JoinScope>;

export type JoinContext = PhaseContext<KubeadmEvent, JoinScope>;

/**
 * The options of `kubeadm join`: built once, frozen, the same for every phase. It has only facts of this machine. The
 * scope of the run has those of the cluster.
 */
export interface JoinInput {
  readonly join: JoinConfiguration;
  readonly options: JoinOptions;
  /** Start of the run. The validity of certificates counts from it. */
  readonly startTime: Date;
  /** Patches from the folder of the configuration or the request; undefined without one, or if no phase needs them. */
  readonly patches: PatchSet | undefined;
  readonly paths: JoinPaths;
  /** Path of a kubeconfig of this machine that replaces the discovery; undefined if the run discovers the cluster. */
  readonly credentials: string | undefined;
  /** The unfinished run that this run resumes; undefined if there is none. */
  readonly unfinished: JoinRecord | undefined;
}

export interface JoinPaths {
  /** Folder of the kubeconfig files. */
  readonly kubeconfigDir: string;
  /** The file with the certificate of the CA: caCertPath, or in a dry run the default one. */
  readonly authority: string;
  /** The administrator's kubeconfig, which phases of a control plane use. */
  readonly kubeconfig: string;
}

/** Options that have no field in the configuration. */
export interface JoinOptions {
  /** Lower-case names, or `all`. */
  readonly ignorePreflightErrors: readonly string[];
  /** Whether the run changes only the directory of a dry run. */
  readonly isDryRun: boolean;
}
