/** Writes the configuration of the kubelet again. Source: phases/upgrade/postupgrade.go, WriteKubeletConfigFiles. */
import { ifExists, KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { commandArguments, lastArgument } from '../lib/arguments.ts';
import { isRecord } from '../lib/is-record.ts';
import { joinPath } from '../lib/join-path.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import { kubeletConfigFile, kubeletEnvFile, kubeletInstanceConfigFile } from '../names.ts';
import type { PatchSet } from '../patches/index.ts';
import type { Release } from '../releases/release.ts';
import { completeResolvConf, instanceConfiguration, kubeletConfiguration } from './configuration.ts';
import { environmentText, readKubeletFlags } from './environment.ts';

const modes = { mode: 0o644, directoryMode: 0o700 };
const topic = 'upgrade/kubelet-config';
const socketFlag = 'container-runtime-endpoint';

type Data = Readonly<Record<string, unknown>>;

/** Copies config.yaml. A copy that an earlier try made is kept. @throws FileError */
export async function backUpKubeletConfiguration(
  { files }: Pick<Host, 'files'>,
  folder: string,
  emit: Emit,
): Promise<void> {
  const to = joinPath(folder, 'config.yaml');
  if ((await files.stat(to)) !== undefined) return;
  await files.makeDirectory(folder, 0o700);
  await files.copyTree(kubeletConfigFile, to);
  emit({ type: 'progress', topic, message: `Backed up the kubelet configuration to ${to}` });
}

export interface NewKubeletConfiguration {
  /** KubeletConfiguration of the cluster. */
  readonly configuration: Data;
  readonly patches: PatchSet | undefined;
  readonly release: Release;
  /** True with the gate NodeLocalCRISocket. */
  readonly socketInFile: boolean;
  /** The socket of this node, for a node without instance-config.yaml and without a flag. */
  readonly criSocket: string;
  /** Whether an earlier try may have written instance-config.yaml, and not removed the flag for the socket yet. */
  readonly isResumed: boolean;
}

/**
 * Writes config.yaml, and before it instance-config.yaml on a node that does not have it yet. The kubelet is not
 * restarted, because it is updated next.
 *
 * @throws FileError; KubeadmError `patch-invalid`, `config-invalid`
 */
export async function upgradeKubeletConfiguration(
  host: Pick<Host, 'files' | 'services'>,
  settings: NewKubeletConfiguration,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<void> {
  const { configuration, criSocket, patches, release, socketInFile } = settings;
  const data = await completeResolvConf(host.services, configuration, { emit, signal });
  const instance = socketInFile ? await instanceOf(host, settings, emit) : undefined;
  const text = kubeletConfiguration(data, {
    patches,
    criSocket: socketInFile ? criSocket : undefined,
    types: release.objectTypes,
    emit,
    ...(instance === undefined ? {} : { instance }),
  });
  await host.files.write(kubeletConfigFile, text, modes);
  emit({ type: 'kubelet-file-written', file: kubeletConfigFile, kind: 'configuration' });
}

/**
 * The content of instance-config.yaml. A missing file is made, with the socket from the flags of the kubelet. Only then is
 * the flag removed, so that a run that is cut off does not lose the socket.
 */
async function instanceOf(
  { files }: Pick<Host, 'files'>,
  { criSocket, isResumed }: Pick<NewKubeletConfiguration, 'criSocket' | 'isResumed'>,
  emit: Emit,
): Promise<Data> {
  const stored = await ifExists(files.readText(kubeletInstanceConfigFile));
  const instance = stored === undefined ? undefined : parsedInstance(stored);
  if (instance !== undefined && !isResumed) return instance;
  const environment = await ifExists(files.readText(kubeletEnvFile));
  const flags = environment === undefined ? [] : readKubeletFlags(environment);
  if (flags === undefined) {
    if (instance !== undefined) return instance;
    const message = `${kubeletEnvFile} does not have the form that kubeadm writes, so the flag --${socketFlag} is not known`;
    const hint = `Write ${kubeletInstanceConfigFile} by hand, with a line such as containerRuntimeEndpoint: ${criSocket}`;
    throw new KubeadmError('config-invalid', message, { place: { file: kubeletEnvFile }, hint });
  }
  const inFlags = lastArgument(flags, socketFlag);
  const containerRuntimeEndpoint = inFlags || criSocket;
  if (instance === undefined) {
    await files.write(kubeletInstanceConfigFile, instanceConfiguration(containerRuntimeEndpoint), modes);
    emit({ type: 'kubelet-file-written', file: kubeletInstanceConfigFile, kind: 'configuration' });
  }
  const isMoved = instance === undefined || instance.containerRuntimeEndpoint === inFlags;
  if (inFlags !== undefined && inFlags !== '' && isMoved) {
    const kept = flags.filter(({ name }) => name !== socketFlag);
    await files.write(kubeletEnvFile, environmentText(commandArguments(kept, [])), modes);
    emit({ type: 'kubelet-file-written', file: kubeletEnvFile, kind: 'environment' });
  }
  return instance ?? { containerRuntimeEndpoint };
}

function parsedInstance(text: string): Data {
  const value = parseYaml(text);
  if (isRecord(value)) return value;
  throw new KubeadmError('config-invalid', `${kubeletInstanceConfigFile} is not a KubeletConfiguration`, {
    place: { file: kubeletInstanceConfigFile },
    hint: 'It holds lines such as containerRuntimeEndpoint: unix:///var/run/containerd/containerd.sock',
  });
}
