import type { KubeClient } from '../../../clients/kube/kube-client.ts';
import { KubeadmError, messageOf } from '../../../errors.ts';
import type { Emit, KubeadmEvent } from '../../../events.ts';
import type { Host } from '../../../host.ts';
import { controlPlaneImages, requiredImages } from '../../../images.ts';
import { parseSemanticVersion, type SemanticVersion } from '../../../lib/semantic-version.ts';
import type { CheckResult } from '../../../preflight/check.ts';
import { readKubeletVersion } from '../../../preflight/checks/kubelet-version.ts';
import { withKernelConfig } from '../../../preflight/checks/system-verification/kernel-module.ts';
import { rootChecks, upgradeClusterChecks, upgradeNodeChecks } from '../../../preflight/profiles.ts';
import { pullImages } from '../../../preflight/pull-images.ts';
import { judge, runChecks } from '../../../preflight/run.ts';
import { readKubelets, readServerVersion } from '../../../upgrade/read-versions.ts';
import { checkVersionPolicy, describeReasons } from '../../../upgrade/version-policy.ts';
import { kubeadmVersion } from '../../../versions.ts';
import type { ApplyInput, ApplyPhase, UpgradeContext } from '../input.ts';

const topic = 'upgrade/preflight';

/**
 * Checks the machine, the version and the cluster, asks the user, and pulls the images. The images are pulled while the
 * cluster is checked and the user thinks. Source: cmd/phases/upgrade/apply/preflight.go.
 */
export const preflight: ApplyPhase = {
  name: 'preflight',
  short: 'Run preflight checks before upgrade',
  flags: [
    'allow-experimental-upgrades',
    'allow-release-candidate-upgrades',
    'config',
    'dry-run',
    'force',
    'ignore-preflight-errors',
    'kubeconfig',
    'yes',
  ],
  exclusive: true,
  inDryRun: 'check',
  run: async (input, host, context) => {
    const { emit, signal } = context;
    const judging = { ignore: input.options.ignorePreflightErrors, emit, signal };
    const { criSocket } = input.init.nodeRegistration;
    emit({ type: 'preflight-running' });
    await runChecks(rootChecks, host, judging);
    const client = await context.scope.client(context);
    const machine = upgradeNodeChecks({ criSocket, kubeletVersion: readKubeletVersion(host) });
    await withKernelConfig(host, () => runChecks(machine, host, judging));
    await checkVersion(input, client, context);
    const pull = startPull(host, input, context);
    try {
      emit({ type: 'progress', topic: 'upgrade', message: 'Running cluster health checks' });
      const cluster = upgradeClusterChecks({
        client,
        pauseImage: controlPlaneImages(input).pause,
        coredns: input.release.images.coredns,
        hasManifests: !input.isMadeUp,
        signal,
      });
      await runChecks(cluster, host, judging);
      warnOfGates(input, emit);
      if (input.apply.ask) await askUser(host, signal);
    } catch (error) {
      pull.stop(error);
      throw error;
    }
    const result = await pull.result();
    signal.throwIfAborted();
    judge([{ name: 'ImagePull', result }], judging);
  },
};

/** @throws KubeadmError `refused` if the cluster must not or should not change to the version */
async function checkVersion(
  { apply, cluster: { kubernetesVersion } }: ApplyInput,
  client: KubeClient,
  { emit, signal }: UpgradeContext,
): Promise<void> {
  const message = `You have chosen to upgrade the cluster version to "${kubernetesVersion}"`;
  emit({ type: 'progress', topic, message });
  const kubelets = readKubelets(client, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    emit({ type: 'detail', verbosity: 1, topic, message: messageOf(error) });
    return undefined;
  });
  const { mandatory, skippable } = checkVersionPolicy({
    target: versionOf(kubernetesVersion),
    cluster: await readServerVersion(client, signal),
    kubeadm: versionOf(kubeadmVersion),
    kubelets: (await kubelets) && [...((await kubelets) ?? new Map()).keys()],
    allowExperimental: apply.allowExperimental,
    allowReleaseCandidate: apply.allowReleaseCandidate,
  });
  const refuse = (kind: string, reasons: readonly string[], hint: string): never => {
    const text = `the version argument is invalid due to these ${kind}errors:\n\n${describeReasons(reasons)}`;
    throw new KubeadmError('refused', text, { hint, details: { reasons, version: kubernetesVersion } });
  };
  if (mandatory.length > 0) refuse('fatal ', mandatory, 'Choose a version that the rules allow.');
  if (skippable.length === 0) return;
  if (!apply.force) refuse('', skippable, 'Can be bypassed if you pass the --force flag.');
  const found = `Found ${skippable.length} potential version compatibility errors but skipping since the --force flag is set:`;
  emit({ type: 'progress', topic, message: `${found}\n\n${describeReasons(skippable)}` });
}

function versionOf(text: string): SemanticVersion {
  const version = parseSemanticVersion(text);
  if (version !== undefined) return version;
  throw new KubeadmError('usage', `"${text}" is not a version of Kubernetes`);
}

function warnOfGates({ cluster }: ApplyInput, emit: Emit): void {
  if (cluster.featureGates.PublicKeysECDSA === undefined) return;
  const message = 'feature gate PublicKeysECDSA is deprecated: use encryptionAlgorithm';
  emit({ type: 'warning', code: 'feature-gate-deprecated', topic, message });
}

/** @throws KubeadmError `refused`; the signal's reason */
async function askUser({ prompt }: Pick<Host, 'prompt'>, signal: AbortSignal): Promise<void> {
  const answer = await prompt.ask('[upgrade] Are you sure you want to proceed? [y/N]: ', signal);
  signal.throwIfAborted();
  if (/^(y|yes)$/i.test(answer ?? '')) return;
  throw new KubeadmError('refused', "won't proceed: the answer was not y or yes", {
    hint: 'Nothing was changed. With --yes kubeadm does not ask.',
  });
}

interface Pull {
  /** Waits for the end, and shows the events since the begin. */
  readonly result: () => Promise<CheckResult>;
  readonly stop: (reason: unknown) => void;
}

/** Pulls the images. Its events wait until the user has answered, so that they do not appear in the middle of the question. */
function startPull(host: Host, input: ApplyInput, { emit, signal }: UpgradeContext): Pull {
  const stop = new AbortController();
  const waiting: KubeadmEvent[] = [];
  let show: Emit = (event) => void waiting.push(event);
  const pulling = pullImages(
    host,
    {
      images: requiredImages(input),
      pauseImage: controlPlaneImages(input).pause,
      node: input.init.nodeRegistration,
    },
    { emit: (event) => show(event), signal: AbortSignal.any([signal, stop.signal]) },
  );
  pulling.catch(() => undefined);
  return {
    result: async () => {
      emit({
        type: 'progress',
        topic,
        message: 'Pulling images required for setting up a Kubernetes cluster',
      });
      for (const event of waiting) emit(event);
      show = emit;
      return await pulling;
    },
    stop: (reason) => stop.abort(reason),
  };
}
