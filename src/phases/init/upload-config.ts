import { createOrUpdate } from '../../cluster/apply.ts';
import { withInitClient } from '../../cluster/client.ts';
import { storeClusterConfiguration } from '../../cluster/kubeadm-config.ts';
import { kubeletConfigMapOf } from '../../cluster/kubelet-config.ts';
import { kubeletConfig, nodesKubeadmConfig } from '../../cluster/rbac.ts';
import { clusterConfigurationYaml } from '../../config/write.ts';
import { kubeadmConfigMap, kubeletConfigMap } from '../../names.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { InitPhase } from './phase.ts';

const flags: readonly PhaseFlag[] = ['config', 'cri-socket', 'dry-run', 'kubeconfig'];

const kubeadm: InitPhase = {
  name: 'kubeadm',
  short: 'Store the ClusterConfiguration in the cluster',
  flags,
  run: async (input, host, context) => {
    const message = `Storing the configuration used in ConfigMap "${kubeadmConfigMap}" in the "kube-system" Namespace`;
    context.emit({ type: 'progress', topic: 'upload-config', message });
    await withInitClient(input, host, context, async (client, patience) => {
      await storeClusterConfiguration(client, clusterConfigurationYaml(input.cluster), patience);
      for (const object of nodesKubeadmConfig) await createOrUpdate(client, object, patience);
    });
  },
};

const kubelet: InitPhase = {
  name: 'kubelet',
  short: 'Store the kubelet configuration in the cluster',
  flags,
  run: async (input, host, context) => {
    const message = `Storing the kubelet configuration in ConfigMap "${kubeletConfigMap}" in the "kube-system" Namespace`;
    context.emit({ type: 'progress', topic: 'upload-config', message });
    await withInitClient(input, host, context, async (client, patience) => {
      await createOrUpdate(client, kubeletConfigMapOf(input.kubelet), patience);
      for (const object of kubeletConfig) await createOrUpdate(client, object, patience);
    });
  },
};

/** What joins and upgrades start from. */
export const uploadConfig: InitPhase = {
  name: 'upload-config',
  aliases: ['uploadconfig'],
  short: 'Store the kubeadm and kubelet configuration in the cluster',
  allFlags: flags,
  after: ['wait-control-plane/api-server'],
  children: [kubeadm, kubelet],
};
