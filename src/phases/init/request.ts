import type { InitOverlay } from '../../config/load.ts';
import type { ConfigRequest } from '../config-source.ts';
import type { WorkflowRequest } from '../run-workflow.ts';

/** The request for an `init`: a configuration, and options without a field in it. Every field is optional. */
export interface InitRequest extends ConfigRequest<InitOverlay>, WorkflowRequest {
  /** Changes only one directory, and reports the changes of a real run; defaults to the configured value. */
  readonly dryRun?: boolean;
  /** Store the CAs and the service account key, encrypted, in the cluster for further control planes. */
  readonly uploadCerts?: boolean;
  /** Omit the certificate key and the tokens from the events. The result still has them, as `Secret`. */
  readonly skipCertificateKeyPrint?: boolean;
  readonly skipTokenPrint?: boolean;
  /** Only for `addon/…`: report the objects and apply nothing. */
  readonly printManifest?: boolean;
  /** Names of checks, case-insensitive, or `all`. They are added to those of the configuration. */
  readonly ignorePreflightErrors?: readonly string[];
  /** Replaces the configured or detected name, without further checks. */
  readonly nodeName?: string;
  /** The folder for kubeconfig files; defaults to /etc/kubernetes. */
  readonly kubeconfigDir?: string;
  /** The kubeconfig with which the phases use the API; defaults to /etc/kubernetes/admin.conf. */
  readonly kubeconfig?: string;
  /** A folder with patches; defaults to that of the configuration. */
  readonly patchesDir?: string;
  /** Search for the container runtime's socket if none is configured; defaults to true. */
  readonly criDetection?: boolean;
}
