import { warnTo } from '../../config/findings/warnings.ts';
import { loadReset } from '../../config/load-node.ts';
import type { RawReset } from '../../config/v1beta4/defaults.ts';
import type { Host } from '../../host/host.ts';
import { adminConf, kubernetesDir } from '../../names.ts';
import { ignoredChecks } from '../../preflight/ignored-checks.ts';
import { endRun, newRunId, refuseBesideAnother } from '../../run-record/running.ts';
import { type ConfigRequest, configSource } from '../config-source.ts';
import { executePhases, type RunContext, run, select } from '../execute.ts';
import { sayingHowToGoOn } from '../resume-hint.ts';
import { buildResetInput } from './build-input.ts';
import { resetPhases } from './index.ts';

/** What can be asked of `reset`. All of it may be left out; it then counts as configured. */
export interface ResetRequest extends ConfigRequest<RawReset> {
  /** Full names of phases; else all. */
  readonly only?: readonly string[];
  /** Phases to leave out; left out: those of the configuration's `skipPhases`. */
  readonly skip?: readonly string[];
  /** Changes nothing, and says what would be done. */
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
  /** Look for the container runtime's socket where none is configured; true by default. */
  readonly criDetection?: boolean;
}

export interface ResetResult {
  /** Full names of the phases that ran, in listed order. */
  readonly phases: readonly string[];
}

/**
 * `kubeadm reset`: undoes on the host what `init` or `join` did.
 *
 * @throws KubeadmError as `loadReset`; `usage`, `phase-unknown`; `refused` when the prompt's answer is no; as `run`
 */
export async function runReset(
  given: Host,
  request: ResetRequest = {},
  context: RunContext = {},
): Promise<ResetResult> {
  let dryRun = request.dryRun ?? false;
  const keepsRecord = () => request.only === undefined && !dryRun;
  return await run(given, context, async (running, host) =>
    sayingHowToGoOn(host, { command: 'reset', keepsRecord, run: running }, async () => {
      const { emit, signal } = running;
      const { config } = await loadReset(
        host,
        { ...configSource(request), override: overrideOf(request) },
        { criDetection: request.criDetection ?? true, onWarning: warnTo(emit) },
      );
      dryRun = request.dryRun ?? config.dryRun;
      if (keepsRecord()) await refuseBesideAnother(host);
      const ignored = [...(request.ignorePreflightErrors ?? []), ...config.ignorePreflightErrors];
      const input = await buildResetInput(
        {
          options: {
            dryRun,
            force: request.force ?? config.force,
            cleanupTmpDir: request.cleanupTmpDir ?? config.cleanupTmpDir,
            ignorePreflightErrors: ignoredChecks(ignored),
          },
          runId: newRunId(host),
          certificatesDir: config.certificatesDir,
          criSocket: config.criSocket,
          unmountFlags: config.unmountFlags,
          timeouts: config.timeouts,
        },
        request.kubeconfig ?? `${kubernetesDir}/${adminConf}`,
        { host, emit, signal },
      );
      const selected = select(
        resetPhases,
        request.only === undefined
          ? { skip: request.skip ?? config.skipPhases }
          : { only: request.only, skip: request.skip ?? [] },
      );
      signal.throwIfAborted();
      const phases = await executePhases(resetPhases, selected, { input, host, run: running }).finally(() =>
        endRun(host, input.runId),
      );
      return { phases };
    }),
  );
}

/** What is asked for beside the configuration is checked as it is, before anything is removed. */
function overrideOf({ certificatesDir, criSocket }: ResetRequest): RawReset {
  return {
    ...(certificatesDir === undefined ? {} : { certificatesDir }),
    ...(criSocket === undefined ? {} : { criSocket }),
  };
}
