import type { RawUpgrade } from '../../config/v1beta4/upgrade.ts';
import type { ConfigRequest } from '../config-source.ts';
import type { WorkflowRequest } from '../run-workflow.ts';

/** The part of a request that `upgrade apply` and `upgrade node` share. Every field defaults to the configured value. */
export interface UpgradeRequest extends ConfigRequest<RawUpgrade>, WorkflowRequest {
  /** Changes only one directory, and reports the changes of a real run. */
  readonly dryRun?: boolean;
  readonly etcdUpgrade?: boolean;
  /** Renew the certificates of the components that change. */
  readonly certificateRenewal?: boolean;
  /** Names of checks, case-insensitive, or `all`. They are added to those of the configuration. */
  readonly ignorePreflightErrors?: readonly string[];
  /** The kubeconfig with which the cluster is asked; defaults to that of the administrator, or of the kubelet. */
  readonly kubeconfig?: string;
  /** A folder with patches. */
  readonly patchesDir?: string;
}

/** The request for an `upgrade apply`. */
export interface UpgradeApplyRequest extends UpgradeRequest {
  /** The new version: a release such as `v1.36.2`, or a label. */
  readonly version?: string;
  /** Do not ask the user. */
  readonly yes?: boolean;
  /** Do not stop for reasons against the version that can be overridden, and do not ask the user. */
  readonly force?: boolean;
  readonly allowExperimental?: boolean;
  readonly allowReleaseCandidate?: boolean;
  /** Report the configuration of the cluster. */
  readonly printConfig?: boolean;
}

/** The request for an `upgrade node`. */
export type UpgradeNodeRequest = UpgradeRequest;
