import type { RawReset } from '../../config/v1beta4/defaults.ts';
import type { ConfigRequest } from '../config-source.ts';
import type { WorkflowRequest } from '../run-workflow.ts';

/** What can be asked of `reset`. Every field defaults to the configured value. */
export interface ResetRequest extends ConfigRequest<RawReset>, WorkflowRequest {
  /** Changes nothing, and reports what would be done; defaults to the configured value. */
  readonly dryRun?: boolean;
  /** Without it the host's prompt is asked before anything is changed. */
  readonly force?: boolean;
  /** Also the contents of /etc/kubernetes/tmp. */
  readonly cleanupTmpDir?: boolean;
  /** Names of checks in any case, or `all`; the configuration's are added. */
  readonly ignorePreflightErrors?: readonly string[];
  readonly certificatesDir?: string;
  readonly criSocket?: string;
  /** By which the cluster is asked about this node; /etc/kubernetes/admin.conf by default. */
  readonly kubeconfig?: string;
  /** Look for the container runtime's socket when no socket is configured; true by default. */
  readonly criDetection?: boolean;
}
