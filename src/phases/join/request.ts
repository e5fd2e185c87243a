import type { RawJoin } from '../../config/v1beta4/defaults.ts';
import type { ConfigRequest } from '../config-source.ts';
import type { WorkflowRequest } from '../run-workflow.ts';

/** The request for a `join`: a configuration, and options without a field in it. Every field is optional. */
export interface JoinRequest extends ConfigRequest<RawJoin>, WorkflowRequest {
  /** Changes only one directory, and reports the changes of a real run; defaults to the configured value. */
  readonly dryRun?: boolean;
  /** Names of checks, case-insensitive, or `all`. They are added to those of the configuration. */
  readonly ignorePreflightErrors?: readonly string[];
  /** Replaces the configured or detected name, without further checks. */
  readonly nodeName?: string;
  /** Replaces the configured or detected socket, without further checks. */
  readonly criSocket?: string;
  /** A folder with patches; defaults to that of the configuration. */
  readonly patchesDir?: string;
  /** Search for the container runtime's socket if none is configured; defaults to true. */
  readonly criDetection?: boolean;
  /** For single phases after the first ones: admin.conf of this node has to exist, and replaces the discovery. */
  readonly usesAdminConf?: boolean;
}
