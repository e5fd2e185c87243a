/** Builds the part of the input that `upgrade apply` and `upgrade node` share. */
import { closedOnAbort } from '../../cluster/client.ts';
import { fetchNodeConfiguration, type NodeConfiguration } from '../../cluster/node-configuration.ts';
import { readNodeName } from '../../cluster/this-node.ts';
import { warnTo } from '../../config/findings/warnings.ts';
import type { NodeRegistration } from '../../config/hub.ts';
import { loadUpgrade } from '../../config/load-node.ts';
import type { UpgradeConfiguration } from '../../config/v1beta4/upgrade.ts';
import { openDryRun } from '../../host/dry-run/directory.ts';
import type { DryRun } from '../../host/dry-run/index.ts';
import { madeUpUpgrade } from '../../host/dry-run/made-up-upgrade.ts';
import type { Host } from '../../host.ts';
import { joinPath } from '../../lib/join-path.ts';
import { adminConf, kubeletConf, kubernetesDir, manifestPath } from '../../names.ts';
import { checkExternalAuthority } from '../../pki/external-ca.ts';
import { ignoredChecks } from '../../preflight/ignored-checks.ts';
import type { UpgradeRecord } from '../../run-record/record.ts';
import { type BackUps, backUpFolders } from '../../upgrade/back-up.ts';
import { configSource } from '../config-source.ts';
import { nodePaths } from '../node-paths.ts';
import { readPatches } from '../read-patches.ts';
import type { BuildContext, Built, ChangingBuildContext } from '../run-workflow.ts';
import { nothingTakenUp, refuseBeside, reportTakenUp, takeUp } from '../take-up.ts';
import { connect } from './connect.ts';
import type { UpgradeInput } from './input.ts';
import type { UpgradeRequest } from './request.ts';
import { settleUnfinished } from './settle-unfinished.ts';

export interface UpgradeSource {
  readonly subcommand: UpgradeRecord['subcommand'];
  readonly request: UpgradeRequest;
  /** The part of the configuration for the sub-command. */
  readonly part: UpgradeConfiguration['apply'] | UpgradeConfiguration['node'];
  readonly timeouts: UpgradeConfiguration['timeouts'];
  /** Undefined if the cluster keeps its version. */
  readonly version: string | undefined;
}

/** @throws the errors of `loadUpgrade` */
export async function loadUpgradeConfiguration(
  host: Host,
  request: UpgradeRequest,
  { emit }: Pick<BuildContext, 'emit'>,
): Promise<UpgradeConfiguration> {
  const options = { criDetection: false, onWarning: warnTo(emit) };
  return (await loadUpgrade(host, configSource(request), options)).config;
}

/**
 * With `only`, the configuration's skipPhases has no effect.
 *
 * @throws KubeadmError `usage`, `unfinished-run`, `patch-invalid`; the errors of `fetchNodeConfiguration` and
 *   `settleUnfinished`; the signal's reason, before it opens the directory of a dry run
 */
export async function buildUpgrade(
  realHost: Host,
  source: UpgradeSource,
  context: ChangingBuildContext,
): Promise<Built<UpgradeInput>> {
  const { emit, signal, single } = context;
  const { part, request, subcommand } = source;
  const startTime = realHost.clock.now();
  const isWhole = single === undefined;
  const isReal = !(request.dryRun ?? part.dryRun ?? false);
  const taken = isWhole ? await takeUp(realHost, 'upgrade', emit) : nothingTakenUp;
  refuseBeside(taken, { isReal, emit });
  const ignorePreflightErrors = ignoredChecks([
    ...(request.ignorePreflightErrors ?? []),
    ...(part.ignorePreflightErrors ?? []),
  ]);
  const isControlPlane = subcommand === 'apply' || (await hasControlPlane(realHost));
  const kubeconfig = request.kubeconfig ?? joinPath(kubernetesDir, isControlPlane ? adminConf : kubeletConf);
  const unfinished = await settle(realHost, taken.unfinished, { ...source, ...context, isReal, kubeconfig });
  const isMadeUp = !isReal && (await realHost.files.stat(kubeconfig)) === undefined;
  // The build of an interrupted run goes on until here, and must not write.
  signal.throwIfAborted();
  const dryRun = isReal
    ? undefined
    : await openUpgradeDryRun(realHost, { ...source, isMadeUp, emit, signal });
  const host = dryRun?.host(emit) ?? realHost;
  const place = { isControlPlane, isMadeUp, kubeconfig };
  const input: UpgradeInput = {
    ...(await readCluster(host, { ...source, ...place }, context)),
    ...place,
    subcommand,
    options: {
      certificateRenewal: request.certificateRenewal ?? part.certificateRenewal ?? false,
      etcdUpgrade: request.etcdUpgrade ?? part.etcdUpgrade ?? false,
      ignorePreflightErrors,
    },
    startTime,
    backups: backUpsOf(unfinished, backUpFolders(realHost.clock, startTime)),
    unfinished,
  };
  const skip = request.skip ?? (isWhole ? (part.skipPhases ?? []) : []);
  return { input, host, dryRun, skip, nodeName: input.init.nodeRegistration.name };
}

/** Reports the unfinished run, and ends what it left in the middle, unless this run is a dry run. */
async function settle(
  host: Host,
  unfinished: UpgradeRecord | undefined,
  {
    changeMachine,
    emit,
    isReal,
    kubeconfig,
    signal,
    timeouts,
  }: Pick<UpgradeSource, 'timeouts'> &
    ChangingBuildContext & { readonly isReal: boolean; readonly kubeconfig: string },
): Promise<UpgradeRecord | undefined> {
  if (unfinished === undefined) return undefined;
  reportTakenUp('upgrade', unfinished.startedAt, emit);
  if (!isReal || Object.keys(unfinished.swapping).length === 0) return unfinished;
  return await changeMachine(
    async (report) =>
      await settleUnfinished(host, unfinished, { kubeconfig, timeouts, emit: report, signal }),
  );
}

type NodePlace = Pick<UpgradeInput, 'isControlPlane' | 'isMadeUp' | 'kubeconfig'>;

/** Reads what the cluster keeps about this node, and the files that belong to it. */
async function readCluster(
  host: Host,
  source: UpgradeSource & NodePlace,
  { emit, signal, single }: BuildContext,
): Promise<NodeConfiguration & Pick<UpgradeInput, 'patches' | 'externalCA'>> {
  const { isControlPlane, part, request, timeouts, version } = source;
  const client = await connect(host, source);
  try {
    const options = {
      controlPlane: isControlPlane,
      kubernetesVersion: version,
      timeouts,
      topic: 'upgrade',
    };
    const configuration = await closedOnAbort(client, signal, () =>
      fetchNodeConfiguration(host, client, options, { emit, signal }),
    );
    const { cluster, init } = configuration;
    const authority = { name: 'ca', directory: cluster.certificatesDir, emit } as const;
    return {
      ...configuration,
      init: { ...init, nodeRegistration: withPullPolicy(init.nodeRegistration, part) },
      patches: await readPatches(host, request.patchesDir ?? (part.patches?.directory || undefined), {
        phases: patchedPhases,
        single,
        emit,
      }),
      externalCA: isControlPlane && (await checkExternalAuthority(host, authority)),
    };
  } finally {
    client.close();
  }
}

async function hasControlPlane({ files }: Pick<Host, 'files'>): Promise<boolean> {
  return (await files.stat(manifestPath('kube-apiserver'))) !== undefined;
}

async function openUpgradeDryRun(
  host: Host,
  {
    emit,
    isMadeUp,
    signal,
    subcommand,
  }: UpgradeSource & Pick<BuildContext, 'emit' | 'signal'> & { readonly isMadeUp: boolean },
): Promise<DryRun> {
  // The certificates of the cluster may be elsewhere, but no run writes those of an authority.
  const paths = {
    ...nodePaths({ certificatesDir: `${kubernetesDir}/pki`, kubeconfigDir: kubernetesDir }),
    copied: [],
  };
  const madeUp = isMadeUp ? madeUpUpgrade(await readNodeName(host, { emit, signal })) : undefined;
  return await openDryRun(host, { command: 'upgrade', subcommand, madeUp, paths, emit });
}

/**
 * Every try has its own copies of the manifests and of etcd, because the cluster may have worked for days since the earlier
 * one. `beginUpgrade` removes the earlier copy of etcd. The earlier configuration of the kubelet is that of the first try.
 */
function backUpsOf(unfinished: UpgradeRecord | undefined, own: BackUps): BackUps {
  return { ...own, kubelet: unfinished?.backups.kubelet ?? own.kubelet };
}

function withPullPolicy(node: NodeRegistration, part: UpgradeSource['part']): NodeRegistration {
  return {
    ...node,
    // The configuration was validated.
    imagePullPolicy: (part.imagePullPolicy ?? node.imagePullPolicy) as NodeRegistration['imagePullPolicy'],
    imagePullSerial: part.imagePullSerial ?? node.imagePullSerial,
  };
}

/** The phases that apply patches. */
const patchedPhases = ['control-plane/show', 'control-plane/swap', 'kubelet-config/write', 'addon/coredns'];
