/** Names the objects of a machine that its failed join leaves in the cluster. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { Emit } from '../events.ts';
import { signingRequestsOf } from './signing-request.ts';

export interface FailedJoin {
  readonly nodeName: string;
  /** Whether this machine may be a member of etcd. */
  readonly mayBeMember: boolean;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Warns of the Node, the certificate signing requests and the member of etcd that belong to this machine. A kubelet goes on
 * with them, and a bootstrap token cannot delete them. If the cluster does not answer, or has no such object, there is no warning.
 *
 * @param client a client that may read the Node and the requests, with a short time limit
 */
export async function warnOfLeftObjects(
  client: KubeClient,
  { emit, mayBeMember, nodeName, signal }: FailedJoin,
): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Node', name: nodeName };
  const [hasNode, requests] = await Promise.all([
    client.get(ref, { signal }).then(
      () => true,
      () => false,
    ),
    signingRequestsOf(client, nodeName, signal).then(
      (all) => all.map(({ name }) => name),
      () => [],
    ),
  ]);
  const found = [
    ...(hasNode ? [`the Node ${nodeName}`] : []),
    ...requests.map((name) => `the certificate signing request ${name}`),
    ...(mayBeMember ? ['a member of etcd'] : []),
  ];
  if (found.length === 0) return;
  const removals = [
    ...(hasNode ? [`'kubectl delete node ${nodeName}'`] : []),
    ...(requests.length > 0 ? [`'kubectl delete csr ${requests.join(' ')}'`] : []),
  ];
  const more = removals.length === 0 ? '' : `, and then ${removals.join(' and ')} on a control plane`;
  const message = `The cluster has ${found.join(', ')} of this machine. To remove all of it, run 'kubeadm reset' here${more}.`;
  emit({ type: 'warning', code: 'left-in-cluster', message });
}
