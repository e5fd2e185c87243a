import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { type RetryPolicy, retryApiCall } from '../cluster/apply.ts';
import { KubeadmError } from '../errors.ts';
import { at, isRecord } from '../lib/is-record.ts';

const component = 'kube-apiserver';

/**
 * The control plane nodes whose API server has another image than that of this node, sorted by name. The list is retried,
 * because the API server of this node has just started. Source: phases/upgrade/postupgrade.go,
 * UnupgradedControlPlaneInstances.
 *
 * @throws KubeadmError `kube-api` if the API shows no API server on this node; `timeout`; the signal's reason
 */
export async function unupgradedControlPlanes(
  client: KubeClient,
  nodeName: string,
  policy: RetryPolicy,
): Promise<readonly string[]> {
  const { signal } = policy;
  const selection = { namespace: 'kube-system', labelSelector: `component=${component}`, signal };
  const { items } = await retryApiCall(`the Pods of ${component} to be listed`, policy, () =>
    client.list('v1', 'Pod', selection),
  );
  const images = new Map(items.map((pod) => [String(at(pod, 'spec', 'nodeName') ?? ''), imageOf(pod)]));
  const own = images.get(nodeName);
  if (own === undefined) {
    throw new KubeadmError('kube-api', `the cluster has no Pod of ${component} on node ${nodeName}`, {
      hint: `Look at the Pods with the label component=${component} in kube-system.`,
    });
  }
  return [...images]
    .filter(([, image]) => image !== own)
    .map(([node]) => node)
    .sort();
}

function imageOf({ metadata, spec }: KubeObject): string {
  const containers = at(spec, 'containers');
  const list = Array.isArray(containers) ? containers.filter(isRecord) : [];
  const image = list.find(({ name }) => name === component)?.image;
  if (typeof image === 'string') return image;
  throw new KubeadmError('kube-api', `Pod ${metadata.name} has no container ${component}`);
}
