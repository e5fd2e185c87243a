/** Stores the configurations from which joins and upgrades start, and lets the nodes read them. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { ClusterConfiguration, ComponentConfig } from '../config/hub.ts';
import { clusterConfigurationYaml } from '../config/write.ts';
import { createOrUpdate, type RetryPolicy } from './apply.ts';
import { storeClusterConfiguration } from './kubeadm-config.ts';
import { kubeletConfigMapOf } from './kubelet-config.ts';
import { kubeletConfig, nodesKubeadmConfig } from './rbac.ts';

/** @throws the errors of `createOrUpdate` */
export async function uploadKubeadmConfig(
  client: KubeClient,
  cluster: ClusterConfiguration,
  policy: RetryPolicy,
): Promise<void> {
  await storeClusterConfiguration(client, clusterConfigurationYaml(cluster), policy);
  for (const object of nodesKubeadmConfig) await createOrUpdate(client, object, policy);
}

/** @throws the errors of `createOrUpdate` */
export async function uploadKubeletConfig(
  client: KubeClient,
  kubelet: ComponentConfig,
  policy: RetryPolicy,
): Promise<void> {
  await createOrUpdate(client, kubeletConfigMapOf(kubelet), policy);
  for (const object of kubeletConfig) await createOrUpdate(client, object, policy);
}
