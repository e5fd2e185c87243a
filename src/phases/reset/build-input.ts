import { nodeNameOnDisk } from '../../cluster/this-node.ts';
import { warnTo } from '../../config/findings/warnings.ts';
import { loadReset } from '../../config/load-node.ts';
import type { RawReset } from '../../config/v1beta4/defaults.ts';
import { KubeadmError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { createDryRun, dryRunPatienceMs } from '../../host/dry-run/index.ts';
import { madeUp } from '../../host/dry-run/made-up.ts';
import type { Host } from '../../host.ts';
import { readClusterIdentity } from '../../kubeconfig/cluster-identity.ts';
import { adminConf, kubernetesDir } from '../../names.ts';
import { ignoredChecks } from '../../preflight/ignored-checks.ts';
import { refuseBesideAnother } from '../../run-record/running.ts';
import { recordOnDisk, unfinishedRun } from '../../run-record/unfinished.ts';
import { configSource } from '../config-source.ts';
import type { BuildContext, Built } from '../run-workflow.ts';
import { type AskedCluster, askCluster } from './ask-cluster.ts';
import { cleanupNode } from './cleanup-node.ts';
import type { ResetInput } from './input.ts';
import type { ResetRequest } from './request.ts';

interface Context {
  readonly host: Host;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Builds the input of `reset` from request, configuration and cluster.
 *
 * @throws KubeadmError as `loadReset`; `usage`; `unfinished-run` if another kubeadm is running
 */
export async function buildReset(
  host: Host,
  request: ResetRequest,
  { emit, signal, single }: BuildContext,
): Promise<Built<ResetInput>> {
  const { config } = await loadReset(
    host,
    { ...configSource(request), override: overrideOf(request) },
    { criDetection: request.criDetection ?? true, onWarning: warnTo(emit) },
  );
  const isReal = !(request.dryRun ?? config.dryRun);
  if (single === undefined && isReal) await refuseBesideAnother(host);
  const dryRun = isReal ? undefined : createDryRun(host, { madeUp: madeUp.reset });
  const force = request.force ?? config.force;
  const given = {
    options: {
      ask: isReal && !force,
      force,
      all: request.all ?? false,
      cleanupTmpDir: request.cleanupTmpDir ?? config.cleanupTmpDir,
      ignorePreflightErrors: ignoredChecks([
        ...(request.ignorePreflightErrors ?? []),
        ...config.ignorePreflightErrors,
      ]),
    },
    certificatesDir: config.certificatesDir,
    criSocket: config.criSocket,
    unmountFlags: config.unmountFlags,
    timeouts: isReal ? config.timeouts : { ...config.timeouts, ...dryRunTimeouts },
  };
  const kubeconfig = request.kubeconfig ?? `${kubernetesDir}/${adminConf}`;
  const skip = request.skip ?? config.skipPhases;
  if (given.options.all) refuseSkippedCleanup(skip);
  const input = await buildResetInput(given, kubeconfig, { host, emit, signal });
  return { input, host: dryRun?.host(emit) ?? host, skip, dryRun, nodeName: await nodeNameOnDisk(host) };
}

const dryRunTimeouts = { kubernetesAPICall: dryRunPatienceMs, etcdAPICall: dryRunPatienceMs } as const;

/** Rules and links of a running cluster would come back at once. @throws KubeadmError `usage` */
function refuseSkippedCleanup(skip: readonly string[]): void {
  const name = skip.find((one) =>
    [cleanupNode.name, ...(cleanupNode.aliases ?? [])].includes(one.toLowerCase()),
  );
  if (name === undefined) return;
  throw new KubeadmError(
    'usage',
    `--all needs the phase ${cleanupNode.name}, and --skip-phases names ${name}`,
    {
      hint: 'Leave out one of the two.',
    },
  );
}

/** What the request asks for beside the configuration is validated with it, before anything is removed. */
function overrideOf({ certificatesDir, criSocket }: ResetRequest): RawReset {
  return {
    ...(certificatesDir === undefined ? {} : { certificatesDir }),
    ...(criSocket === undefined ? {} : { criSocket }),
  };
}

/**
 * Completes the input of reset with values from the cluster. If the kubeconfig has no cluster, or the cluster does not
 * answer, reset goes on without it. Source: cmd/reset.go newResetData.
 *
 * @param kubeconfig path; defaults to /etc/kubernetes/admin.conf
 * @throws the signal's reason
 */
export async function buildResetInput(
  given: Omit<ResetInput, keyof AskedCluster | 'identity' | 'unfinished' | 'unfinishedJoin'>,
  kubeconfig: string,
  context: Context,
): Promise<ResetInput> {
  const asked = await askCluster(kubeconfig, given.timeouts, context);
  const unfinished = await unfinishedRun(context.host, 'reset', context.emit);
  const identity = await readClusterIdentity(context.host, given.certificatesDir, unfinished?.identity);
  const before = await recordOnDisk(context.host, () => undefined);
  const unfinishedJoin = before?.command === 'join' ? before : undefined;
  return { ...given, ...asked, identity, unfinished, unfinishedJoin };
}
