/** From a Pod to its file. Source: cmd/kubeadm/app/phases/controlplane/manifests.go (CreateStaticPodFiles). */
import { featureEnabled } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host/host.ts';
import { manifestsDir } from '../names.ts';
import { applyTypedPatches, loadPatches } from '../patches/index.ts';
import { runAsNonRoot } from '../rootless/run-as-non-root.ts';
import type { Pod } from './pod.ts';
import { formatPod, type ManifestInput } from './static-pod.ts';

export interface InstallOptions {
  readonly input: ManifestInput;
  readonly patchesDir: string | undefined;
  /** First word of its lines: `etcd`, `control-plane`. */
  readonly topic: string;
  readonly emit: Emit;
}

/**
 * Makes the Pod run without root where the gate RootlessControlPlane says so (its files then change
 * owner), lays the user's patches over it, and writes the file.
 *
 * @returns the text of the file
 */
export async function installStaticPod(
  pod: Pod,
  host: Pick<Host, 'files' | 'dryRunDirectory'>,
  options: InstallOptions,
): Promise<string> {
  const { input, patchesDir, emit } = options;
  const patches = patchesDir === undefined ? undefined : await loadPatches(host, patchesDir, emit);
  const rootless = featureEnabled(input.cluster, 'RootlessControlPlane')
    ? await runAsNonRoot(pod, host, options)
    : pod;
  const patched =
    patches === undefined
      ? rootless
      : applyTypedPatches(patches, pod.metadata.name, rootless, {
          emit,
          types: input.release.objectTypes,
        });
  const text = formatPod(patched);
  await host.files.write(manifestPath(pod.metadata.name), text, { mode: 0o600, directoryMode: 0o700 });
  return text;
}

/** Where the kubelet finds the manifest of a component. */
export function manifestPath(component: string): string {
  return `${manifestsDir}/${component}.yaml`;
}
