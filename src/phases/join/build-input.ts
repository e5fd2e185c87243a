/** Builds the input of `join` from request and configuration, and refuses invalid ones. */
import { checkBindAddress } from '../../config/advertise-address.ts';
import { warnTo } from '../../config/findings/warnings.ts';
import type { JoinConfiguration } from '../../config/hub.ts';
import { loadJoin } from '../../config/load-node.ts';
import { KubeadmError } from '../../errors.ts';
import { openDryRun } from '../../host/dry-run/directory.ts';
import type { Host } from '../../host.ts';
import { adminConf, defaultCertificatesDir, kubernetesDir } from '../../names.ts';
import { certificatePath } from '../../pki/files.ts';
import { ignoredChecks } from '../../preflight/ignored-checks.ts';
import type { JoinRecord } from '../../run-record/record.ts';
import { refuseOtherNode } from '../../run-record/unfinished.ts';
import { hasClientCertificate, kubeletKubeconfigPath } from '../../tls-bootstrap/credentials.ts';
import { configSource } from '../config-source.ts';
import { nodePaths } from '../node-paths.ts';
import { readPatches } from '../read-patches.ts';
import type { BuildContext, Built } from '../run-workflow.ts';
import { nothingTakenUp, refuse, refuseBeside, reportTakenUp, takeUp } from '../take-up.ts';
import type { JoinInput } from './input.ts';
import type { JoinRequest } from './request.ts';

const adminPath = `${kubernetesDir}/${adminConf}`;

/**
 * With `only`, the configuration's skipPhases has no effect.
 *
 * @throws KubeadmError as `loadJoin`; `usage`, `unfinished-run`, `patch-invalid`; `file` if a single phase needs admin.conf
 *   and it does not exist; the signal's reason, before it opens the directory of a dry run
 */
export async function buildJoin(
  realHost: Host,
  request: JoinRequest,
  { emit, signal, single }: BuildContext,
): Promise<Built<JoinInput>> {
  const startTime = realHost.clock.now();
  const isWhole = single === undefined;
  const taken = isWhole ? await takeUp(realHost, 'join', emit) : nothingTakenUp;
  const hasAdminConf = (await realHost.files.stat(adminPath)) !== undefined;
  if (request.usesAdminConf === true && !hasAdminConf) throw missingAdminConf();
  const { config } = await loadJoin(realHost, sourceOf(request), {
    criDetection: request.criDetection ?? true,
    onWarning: warnTo(emit),
  });
  const join = withOverrides(config, request);
  if (join.controlPlane !== undefined) checkBindAddress(join.controlPlane.localAPIEndpoint.advertiseAddress);
  const isReal = !(request.dryRun ?? join.dryRun);
  const consequence = { isReal, emit };
  refuseBeside(taken, consequence);
  const unfinished = continued(taken.unfinished, join, consequence);
  const ignorePreflightErrors = ignoredChecks([
    ...(request.ignorePreflightErrors ?? []),
    ...join.nodeRegistration.ignorePreflightErrors,
  ]);
  const paths = nodePaths({ certificatesDir: defaultCertificatesDir, kubeconfigDir: kubernetesDir });
  // The build of an interrupted run goes on until here, and must not write.
  signal.throwIfAborted();
  const dryRun = isReal ? undefined : await openDryRun(realHost, { command: 'join', paths, emit });
  const host = dryRun?.host(emit) ?? realHost;
  const input: JoinInput = {
    join,
    options: { ignorePreflightErrors, isDryRun: !isReal },
    startTime,
    patches: await readPatches(host, request.patchesDir ?? (join.patches?.directory || undefined), {
      phases: patchedPhases,
      single,
      emit,
    }),
    paths: {
      kubeconfigDir: kubernetesDir,
      kubeconfig: adminPath,
      // The directory of a dry run has only the default paths in it.
      authority: isReal ? join.caCertPath : certificatePath(defaultCertificatesDir, 'ca'),
    },
    credentials: await credentialsOf(realHost, request, { unfinished, hasAdminConf, emit }),
    unfinished,
  };
  if (unfinished !== undefined) reportTakenUp('join', unfinished.startedAt, emit);
  const skip = request.skip ?? (isWhole ? join.skipPhases : []);
  return { input, host, skip, dryRun, nodeName: join.nodeRegistration.name };
}

function missingAdminConf(): KubeadmError {
  return new KubeadmError('file', `${adminPath} does not exist, and this phase needs it`, {
    place: { file: adminPath },
    hint: "Make it with the sub-commands of 'kubeadm join phase control-plane-prepare'.",
  });
}

/** A single phase without flags for the discovery names admin.conf in their place, so that the configuration is valid. */
function sourceOf(request: JoinRequest): ReturnType<typeof configSource<NonNullable<JoinRequest['fields']>>> {
  if (request.usesAdminConf !== true) return configSource(request);
  const source = configSource(request);
  if (source.configPath !== undefined) return source;
  return { overlay: { ...source.overlay, discovery: { file: { kubeConfigPath: adminPath } } } };
}

/** As upstream, the flags for the name and the socket replace the values after these were validated. */
function withOverrides(config: JoinConfiguration, { criSocket, nodeName }: JoinRequest): JoinConfiguration {
  const { nodeRegistration } = config;
  return {
    ...config,
    nodeRegistration: {
      ...nodeRegistration,
      ...(nodeName === undefined ? {} : { name: nodeName }),
      ...(criSocket === undefined ? {} : { criSocket }),
    },
  };
}

/** Returns the run that this one continues. */
function continued(
  record: JoinRecord | undefined,
  { controlPlane, nodeRegistration }: JoinConfiguration,
  consequence: Parameters<typeof refuse>[1],
): JoinRecord | undefined {
  if (record === undefined) return undefined;
  try {
    const now = { nodeName: nodeRegistration.name, controlPlane: controlPlane !== undefined };
    refuseOtherNode(record, now);
    return record;
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    refuse(error, consequence);
    return undefined;
  }
}

interface Found {
  readonly unfinished: JoinRecord | undefined;
  readonly hasAdminConf: boolean;
  readonly emit: BuildContext['emit'];
}

/**
 * The kubeconfig of this machine that replaces the discovery: admin.conf if the flags ask for a control plane, as upstream.
 * A worker whose kubelet got its certificate in an earlier try uses that, because its token may have expired since.
 */
async function credentialsOf(
  host: Host,
  request: JoinRequest,
  { emit, hasAdminConf, unfinished }: Found,
): Promise<string | undefined> {
  const byFlags = request.configPath === undefined && request.configText === undefined;
  const wantsControlPlane = byFlags && request.fields?.controlPlane !== undefined;
  if (request.usesAdminConf === true && byFlags) return adminPath;
  if (hasAdminConf && (wantsControlPlane || unfinished?.controlPlane === true)) {
    reportReplaced(adminPath, unfinished, emit);
    return adminPath;
  }
  const isOwn = unfinished?.controlPlane === false && (await hasClientCertificate(host));
  if (!isOwn) return undefined;
  reportReplaced(kubeletKubeconfigPath, unfinished, emit);
  return kubeletKubeconfigPath;
}

/** A second try may name another cluster, so it reports openly that the file counts. */
function reportReplaced(path: string, unfinished: JoinRecord | undefined, emit: BuildContext['emit']): void {
  const message = `found ${path}, which replaces the discovery`;
  if (unfinished === undefined) emit({ type: 'detail', verbosity: 1, topic: 'preflight', message });
  else emit({ type: 'progress', topic: 'preflight', message });
}

/** The phases that apply patches. */
const patchedPhases = ['control-plane-prepare/control-plane', 'kubelet-start/start', 'etcd-join'];
