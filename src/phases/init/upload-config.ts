import { uploadKubeadmConfig, uploadKubeletConfig } from '../../cluster/upload-config.ts';
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
    await uploadKubeadmConfig(client, input.cluster, policy);
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
    await uploadKubeletConfig(client, input.kubelet, policy);
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
