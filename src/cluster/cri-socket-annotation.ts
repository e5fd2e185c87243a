import type { KubeClient } from '../clients/kube/kube-client.ts';
import { criSocketAnnotation } from '../names.ts';
import { type RetryPolicy, retryApiCall } from './apply.ts';

/**
 * Removes the annotation with the socket of the container runtime from a Node. Older releases of kubeadm wrote it, and the
 * node has the socket in a file now. Source: phases/patchnode/patchnode.go, RemoveCRISocketAnnotation.
 *
 * @throws KubeadmError `timeout`, `kube-api`; the signal's reason
 */
export async function removeCriSocketAnnotation(
  client: KubeClient,
  name: string,
  policy: RetryPolicy,
): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Node', name };
  const { signal } = policy;
  await retryApiCall(`Node ${name} to be changed`, policy, async () => {
    const node = await client.get(ref, { signal });
    if (node.metadata.annotations?.[criSocketAnnotation] === undefined) return;
    const annotations = { [criSocketAnnotation]: null };
    await client.patch(ref, 'merge', { metadata: { annotations } }, { signal });
  });
}
