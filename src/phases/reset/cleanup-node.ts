import { FileError, KubeadmError, messageOf } from '../../errors.ts';
import type { Emit, KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import { removePods } from '../../kubelet/remove-pods.ts';
import { unmountBelow } from '../../kubelet/unmount.ts';
import {
  defaultCertificatesDir,
  kubeconfigFiles,
  kubeletDir,
  kubernetesDir,
  manifestsDir,
  temporaryDir,
} from '../../names.ts';
import { deleteAccounts } from '../../rootless/system-accounts.ts';
import { recordOnDisk } from '../../run-record/unfinished.ts';
import type { WarningCode } from '../../warnings.ts';
import type { PhaseContext } from '../../workflow/phase.ts';
import type { ResetInput, ResetPhase } from './input.ts';
import { isRootless } from './rootless.ts';

type Context = PhaseContext<KubeadmEvent>;

const topic = 'reset';

/** How long the runtime can take to finish a Pod after the kubelet has ended. The longest observed time is 300 ms. */
const settleMs = 500;

const filesToDelete = kubeconfigFiles.map((file) => `${kubernetesDir}/${file}`);

/**
 * Removes the node's part in the cluster from this machine. The order matters: the kubelet ends first, because it would
 * start Pods and mount volumes again. Mounts are removed before the files below them, and Pods before their certificates.
 * Only a failed unmount fails the phase, because files in a mount must not be deleted. If the run is interrupted, the
 * phase ends before the next step, directory or file. Source: cmd/phases/reset/cleanupnode.go.
 */
export const cleanupNode: ResetPhase = {
  name: 'cleanup-node',
  aliases: ['cleanupnode'],
  short: 'Run cleanup node.',
  flags: ['cert-dir', 'cri-socket', 'cleanup-tmp-dir', 'dry-run'],
  run: async (input, host, context) => {
    const { emit, signal } = context;
    const settledAt = await stopKubelet(input, host, context);
    signal.throwIfAborted();
    const kubelet = await unmount(input, host, context);
    emit({ type: 'detail', verbosity: 1, topic, message: 'removing Kubernetes-managed containers' });
    const left = { code: 'containers-not-removed', message: 'failed to remove containers' } as const;
    await attempt(context, left, () => removePods(host, input.criSocket, { ...context, topic, settledAt }));
    await deleteLateEtcdData(host, context);
    signal.throwIfAborted();
    warnOfCertificatesDir(input, emit);
    await deleteFiles(host, directoriesToEmpty(input, kubelet), context);
    if (isRootless(input)) {
      emit({
        type: 'detail',
        verbosity: 1,
        topic,
        message: 'removing users and groups of the control plane',
      });
      const kept = { code: 'accounts-not-removed', message: 'failed to remove users and groups' } as const;
      await attempt(context, kept, () => deleteAccounts(host.files));
    }
  },
};

function warn(emit: Emit, code: WarningCode, message: string): void {
  emit({ type: 'warning', code, topic, message });
}

interface Failure {
  readonly code: WarningCode;
  readonly message: string;
}

/** Turns a failure into a warning, because reset does as much as it can. */
async function attempt(
  { emit, signal }: Context,
  failure: Failure,
  action: () => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  try {
    await action();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeadmError)) throw error;
    warn(emit, failure.code, `${failure.message}: ${messageOf(error)}`);
  }
}

/**
 * Returns the time on the host's monotonic clock from which the runtime has no more calls of the kubelet. It is now if
 * the kubelet did not run. A reset that was cut off may have stopped the kubelet just before.
 */
async function stopKubelet(
  { unfinished }: ResetInput,
  { clock, services }: Host,
  { emit, signal }: Context,
): Promise<number> {
  if ((await services.initSystem()) === undefined) {
    warn(
      emit,
      'service-manager-unsupported',
      'The kubelet service could not be stopped by kubeadm. Unable to detect a supported init system!',
    );
    warn(emit, 'service-manager-unsupported', 'Please ensure kubelet is stopped manually');
    return clock.monotonic();
  }
  emit({ type: 'kubelet-service-stopping' });
  const ran = unfinished !== undefined || (await services.isActive('kubelet', signal).catch(() => true));
  try {
    signal.throwIfAborted();
    await services.stop('kubelet', signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeadmError)) throw error;
    warn(
      emit,
      'kubelet-not-stopped',
      `The kubelet service could not be stopped by kubeadm: ${messageOf(error)}`,
    );
    warn(emit, 'kubelet-not-stopped', 'Please ensure kubelet is stopped manually');
  }
  return clock.monotonic() + (ran ? settleMs : 0);
}

/** Unmounts everything below the kubelet's directory, and returns its real path; undefined if it does not exist. */
async function unmount(
  input: ResetInput,
  host: Host,
  { emit, signal }: Context,
): Promise<string | undefined> {
  let directory: string;
  try {
    directory = await host.files.realpath(kubeletDir);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    warn(emit, 'unmount-skipped', `Skipping unmount of directories in "${kubeletDir}": ${messageOf(error)}`);
    return undefined;
  }
  emit({ type: 'directory-unmounting', directory: kubeletDir });
  await unmountBelow(host, directory, { flags: input.unmountFlags, emit, signal, topic });
  return directory;
}

/**
 * The kubelet starts etcd again when its member is removed. Until the kubelet and the Pods have ended, such an etcd can fill
 * the directory that `remove-etcd-member` has emptied. A record that does not match the files is not used, because the data
 * can be that of a later cluster.
 */
async function deleteLateEtcdData(host: Host, context: Context): Promise<void> {
  const record = await recordOnDisk(host, () => undefined);
  if (record?.command !== 'reset' || record.emptiedEtcdDataDir === undefined) return;
  const directory = record.emptiedEtcdDataDir;
  const message = `the contents of the etcd data directory ${directory} could not be deleted`;
  await attempt(context, { code: 'etcd-data-left', message }, async () => {
    const names = await host.files.list(directory);
    if (names !== undefined && names.length > 0) await host.files.removeContents(directory);
  });
}

function warnOfCertificatesDir({ certificatesDir }: ResetInput, emit: Emit): void {
  if (certificatesDir === defaultCertificatesDir) return;
  const message = `Cleaning a non-default certificates directory: "${certificatesDir}"`;
  warn(emit, 'certificates-directory-not-default', message);
}

function directoriesToEmpty(input: ResetInput, kubelet: string | undefined): readonly string[] {
  return [
    manifestsDir,
    ...(kubelet === undefined ? [] : [kubelet]),
    input.certificatesDir,
    ...(input.options.cleanupTmpDir ? [temporaryDir] : []),
  ];
}

async function deleteFiles({ files }: Host, directories: readonly string[], context: Context): Promise<void> {
  context.emit({ type: 'contents-deleting', directories });
  for (const directory of directories) {
    const message = `Failed to delete contents of "${directory}" directory`;
    await attempt(context, { code: 'directory-not-emptied', message }, () => files.removeContents(directory));
  }
  context.emit({ type: 'files-deleting', files: filesToDelete });
  for (const path of filesToDelete) {
    const message = `Failed to remove file: "${path}"`;
    await attempt(context, { code: 'file-not-removed', message }, () => files.removeTree(path));
  }
}
