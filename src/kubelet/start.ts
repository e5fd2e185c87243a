/** Writes the settings of the kubelet and starts it. Source: cmd/kubeadm/app/cmd/phases/init/kubelet.go. */
import type { NodeRegistration } from '../config/hub.ts';
import { FileError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileWrites, Host } from '../host.ts';
import { nodeNameOf } from '../lib/node-name.ts';
import { kubeletConfigFile, kubeletEnvFile, kubeletInstanceConfigFile, manifestsDir } from '../names.ts';
import type { PatchSet } from '../patches/index.ts';
import type { Release } from '../releases/release.ts';
import { completeResolvConf, instanceConfiguration, kubeletConfiguration } from './configuration.ts';
import { kubeletEnvironment } from './environment.ts';
import { startKubelet, stopKubelet } from './service.ts';

const modes = { mode: 0o644, directoryMode: 0o700 };

export interface KubeletSettings {
  readonly node: NodeRegistration;
  /** KubeletConfiguration. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly patches: PatchSet | undefined;
  readonly release: Release;
  /** True with the gate NodeLocalCRISocket: the socket is then in a file and not in a flag. */
  readonly socketInFile: boolean;
  /** True only for a worker that joins, which gets its taints as a flag. */
  readonly registerTaints: boolean;
  /** False only for a worker that joins. As upstream, it gets no folder for manifests. */
  readonly hasStaticPods: boolean;
}

/**
 * Writes the flags and the configuration of the kubelet while it is stopped, then starts it.
 *
 * @throws FileError; KubeadmError `patch-invalid`; the signal's reason, in which case the kubelet stays as it is
 */
export async function writeSettingsAndStartKubelet(
  host: Pick<Host, 'files' | 'services' | 'net'>,
  settings: KubeletSettings,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<void> {
  const { node, patches, socketInFile } = settings;
  const data = await completeResolvConf(host.services, settings.configuration, { emit, signal });

  // Other phases run at the same time. If one of them fails, the kubelet stays as it is.
  signal.throwIfAborted();
  await stopKubelet(host.services, { emit, signal });

  const hostname = nodeNameOf(await host.net.hostname());
  await host.files.write(kubeletEnvFile, kubeletEnvironment({ ...settings, hostname }), modes);
  emit({ type: 'kubelet-file-written', file: kubeletEnvFile, kind: 'environment' });

  if (socketInFile) {
    await host.files.write(kubeletInstanceConfigFile, instanceConfiguration(node.criSocket), modes);
    emit({ type: 'kubelet-file-written', file: kubeletInstanceConfigFile, kind: 'configuration' });
  }

  const criSocket = socketInFile ? node.criSocket : undefined;
  const configuration = kubeletConfiguration(data, {
    patches,
    criSocket,
    types: settings.release.objectTypes,
    emit,
  });
  await host.files.write(kubeletConfigFile, configuration, modes);
  emit({ type: 'kubelet-file-written', file: kubeletConfigFile, kind: 'configuration' });

  if (settings.hasStaticPods) await makeManifestsDirectory(host.files, emit);

  signal.throwIfAborted();
  emit({ type: 'kubelet-starting' });
  await startKubelet(host.services, { emit, signal });
}

/** A kubelet that does not find the folder looks for it only now and then. The folder is a help, and not needed. */
async function makeManifestsDirectory(files: FileWrites, emit: Emit): Promise<void> {
  try {
    await files.makeDirectory(manifestsDir, 0o700);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const message = `the folder of the static Pod manifests cannot be made (${messageOf(error)}), so the kubelet does not watch it yet`;
    emit({ type: 'warning', code: 'manifests-directory-not-made', message });
  }
}
