import { createOrUpdate } from '../../cluster/apply.ts';
import { storeClusterConfiguration } from '../../cluster/kubeadm-config.ts';
import { kubeletConfigMapOf } from '../../cluster/kubelet-config.ts';
import { kubeletConfig, nodesKubeadmConfig } from '../../cluster/rbac.ts';
import { clusterConfigurationYaml } from '../../config/write.ts';
import { kubeadmConfigMap, kubeletConfigMap } from '../../names.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import { initApi } from './api.ts';
import type { InitPhase } from './input.ts';

const flags: readonly PhaseFlag[] = ['config', 'cri-socket', 'dry-run', 'kubeconfig'];

const kubeadm: InitPhase = {
  name: 'kubeadm',
  short: 'Store the ClusterConfiguration in the cluster',
  flags,
  run: async (input, host, context) => {
    const message = `Storing the configuration used in ConfigMap "${kubeadmConfigMap}" in the "kube-system" Namespace`;
    context.emit({ type: 'progress', topic: 'upload-config', message });
    const { client, policy } = await initApi(input, host, context);
    await storeClusterConfiguration(client, clusterConfigurationYaml(input.cluster), policy);
    for (const object of nodesKubeadmConfig) await createOrUpdate(client, object, policy);
  },
};

const kubelet: InitPhase = {
  name: 'kubelet',
  short: 'Store the kubelet configuration in the cluster',
  flags,
  run: async (input, host, context) => {
    const message = `Storing the kubelet configuration in ConfigMap "${kubeletConfigMap}" in the "kube-system" Namespace`;
    context.emit({ type: 'progress', topic: 'upload-config', message });
    const { client, policy } = await initApi(input, host, context);
    await createOrUpdate(client, kubeletConfigMapOf(input.kubelet), policy);
    for (const object of kubeletConfig) await createOrUpdate(client, object, policy);
  },
};

/** Stores the configuration from which joins and upgrades start. */
export const uploadConfig: InitPhase = {
  name: 'upload-config',
  aliases: ['uploadconfig'],
  short: 'Store the kubeadm and kubelet configuration in the cluster',
  allFlags: flags,
  children: [kubeadm, kubelet],
};
