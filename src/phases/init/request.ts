import type { InitOverlay } from '../../config/load.ts';
import type { ConfigRequest } from '../config-source.ts';
import type { WorkflowRequest } from '../run-workflow.ts';

/** What can be asked of `init`: a configuration, and what no field of it holds. All of it may be left out. */
export interface InitRequest extends ConfigRequest<InitOverlay>, WorkflowRequest {
  /** Changes nothing but one directory, and reports what would be done; defaults to the configured value. */
  readonly dryRun?: boolean;
  /** Store the CAs and the service account key in the cluster, sealed, for further control planes. */
  readonly uploadCerts?: boolean;
  /** Withhold the certificate key and the tokens from the events; the result still has them, as `Secret`. */
  readonly skipCertificateKeyPrint?: boolean;
  readonly skipTokenPrint?: boolean;
  /** `addon/…` alone: report the objects, apply nothing. */
  readonly printManifest?: boolean;
  /** Names of checks in any case, or `all`; the configuration's are added. */
  readonly ignorePreflightErrors?: readonly string[];
  /** In place of the configured or found name; not checked further. */
  readonly nodeName?: string;
  /** Where kubeconfig files are written; /etc/kubernetes by default. */
  readonly kubeconfigDir?: string;
  /** The kubeconfig by which the phases use the API; /etc/kubernetes/admin.conf by default. */
  readonly kubeconfig?: string;
  /** A folder with patches; left out: the configuration's. */
  readonly patchesDir?: string;
  /** Look for the container runtime's socket when no socket is configured; true by default. */
  readonly criDetection?: boolean;
}
