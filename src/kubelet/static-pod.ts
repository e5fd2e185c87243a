/** Static Pods on the disk. Source: cmd/kubeadm/app/phases/controlplane/manifests.go (CreateStaticPodFiles). */
import { featureEnabled } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import type { FileWrites, Host } from '../host.ts';
import type { Pod } from '../manifests/pod.ts';
import { renderStaticPod } from '../manifests/render.ts';
import type { ManifestInput } from '../manifests/static-pod.ts';
import { manifestsDir } from '../names.ts';
import type { PatchSet } from '../patches/index.ts';
import { runAsNonRoot } from '../rootless/run-as-non-root.ts';

export interface StaticPodOptions {
  readonly input: ManifestInput;
  readonly patches: PatchSet | undefined;
  readonly emit: Emit;
}

/**
 * Makes the Pod run without root if the gate RootlessControlPlane is on. The files of the component then change their
 * owner.
 *
 * @returns the Pod with its identity
 */
export async function ownStaticPod(
  pod: Pod,
  host: Pick<Host, 'files'>,
  options: Omit<StaticPodOptions, 'patches'>,
): Promise<Pod> {
  const isRootless = featureEnabled(options.input.cluster, 'RootlessControlPlane');
  return isRootless ? await runAsNonRoot(pod, host, options) : pod;
}

/**
 * Writes a manifest.
 *
 * @param manifest.component the name of the file without `.yaml`
 * @param directory defaults to the folder that the kubelet watches
 */
export async function putStaticPod(
  files: Pick<FileWrites, 'write'>,
  manifest: { readonly component: string; readonly text: string },
  directory: string = manifestsDir,
): Promise<void> {
  const path = `${directory}/${manifest.component}.yaml`;
  await files.write(path, manifest.text, { mode: 0o600, directoryMode: 0o700 });
}

/**
 * Owns, renders and puts the Pod into the folder that the kubelet watches.
 *
 * @returns the text of the file
 */
export async function installStaticPod(
  pod: Pod,
  host: Pick<Host, 'files'>,
  options: StaticPodOptions,
): Promise<string> {
  const owned = await ownStaticPod(pod, host, options);
  const { emit, input, patches } = options;
  const text = renderStaticPod(owned, patches, { emit, types: input.release.objectTypes });
  await putStaticPod(host.files, { component: pod.metadata.name, text });
  return text;
}
