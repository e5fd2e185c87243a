import type { RawReset } from '../../config/v1beta4/defaults.ts';
import type { ConfigRequest } from '../config-source.ts';
import type { WorkflowRequest } from '../run-workflow.ts';

/** The request for a `reset`. Every field defaults to the configured value. */
export interface ResetRequest extends ConfigRequest<RawReset>, WorkflowRequest {
  /** Changes nothing, and reports the changes that a real run would make; defaults to the configured value. */
  readonly dryRun?: boolean;
  /** Without it, the host's prompt asks the user before anything is changed. */
  readonly force?: boolean;
  /** Also delete the contents of /etc/kubernetes/tmp. */
  readonly cleanupTmpDir?: boolean;
  /**
   * Also remove what network plugins, kube-proxy, the kubelet and users made for the cluster, and fail if something is
   * left. Single phases ignore it.
   */
  readonly all?: boolean;
  /** Names of checks, case-insensitive, or `all`. They are added to those of the configuration. */
  readonly ignorePreflightErrors?: readonly string[];
  readonly certificatesDir?: string;
  readonly criSocket?: string;
  /** The kubeconfig with which the cluster is asked about this node; defaults to /etc/kubernetes/admin.conf. */
  readonly kubeconfig?: string;
  /** Search for the container runtime's socket if none is configured; defaults to true. */
  readonly criDetection?: boolean;
}
