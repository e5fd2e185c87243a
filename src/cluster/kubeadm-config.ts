import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { isRecord } from '../lib/is-record.ts';
import { kubeadmConfigMap } from '../names.ts';
import { createOrMutate, type RetryPolicy } from './apply.ts';

export const clusterConfigurationKey = 'ClusterConfiguration';

/**
 * Stores the ClusterConfiguration in ConfigMap kube-system/kubeadm-config, where joins and upgrades read it.
 * Other keys of an existing ConfigMap do not change. Source: phases/uploadconfig/uploadconfig.go.
 *
 * @param yaml the ClusterConfiguration as a v1beta4 document
 */
export async function storeClusterConfiguration(
  client: KubeClient,
  yaml: string,
  policy: RetryPolicy,
): Promise<void> {
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: kubeadmConfigMap, namespace: 'kube-system' },
    data: { [clusterConfigurationKey]: yaml },
  };
  const replaceKey = (existing: KubeObject): KubeObject => ({
    ...existing,
    data: { ...(isRecord(existing.data) ? existing.data : {}), [clusterConfigurationKey]: yaml },
  });
  await createOrMutate(client, object, replaceKey, policy);
}
