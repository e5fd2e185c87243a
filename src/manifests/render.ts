import { applyTypedPatches, type PatchOptions, type PatchSet } from '../patches/index.ts';
import type { Pod } from './pod.ts';
import { formatPod } from './static-pod.ts';

/**
 * Returns the text of a manifest: the Pod with the user's patches. Source: cmd/kubeadm/app/util/staticpod/utils.go.
 *
 * @throws KubeadmError `patch-invalid`
 */
export function renderStaticPod(pod: Pod, patches: PatchSet | undefined, options: PatchOptions): string {
  return formatPod(patches === undefined ? pod : applyTypedPatches(patches, pod.metadata.name, pod, options));
}
