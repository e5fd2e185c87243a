import { removeCriSocketAnnotation } from '../../../cluster/cri-socket-annotation.ts';
import { uploadKubeadmConfig, uploadKubeletConfig } from '../../../cluster/upload-config.ts';
import { kubeadmConfigMap, kubeletConfigMap } from '../../../names.ts';
import type { PhaseFlag } from '../../phase-flag.ts';
import { upgradeApi } from '../connect.ts';
import type { ApplyPhase } from '../input.ts';

const flags: readonly PhaseFlag[] = ['config', 'dry-run', 'kubeconfig'];
const topic = 'upgrade/upload-config';

const kubeadm: ApplyPhase = {
  name: 'kubeadm',
  short: 'Upload the kubeadm ClusterConfiguration to a ConfigMap',
  flags,
  run: async (input, host, context) => {
    const message = `Storing the configuration of the cluster in ConfigMap "${kubeadmConfigMap}" in the "kube-system" Namespace`;
    context.emit({ type: 'progress', topic, message });
    const { client, policy } = await upgradeApi(input, host, context);
    await uploadKubeadmConfig(client, input.cluster, policy);
  },
};

const kubelet: ApplyPhase = {
  name: 'kubelet',
  short: 'Upload the kubelet configuration to a ConfigMap',
  flags,
  run: async (input, host, context) => {
    const message = `Storing the kubelet configuration in ConfigMap "${kubeletConfigMap}" in the "kube-system" Namespace`;
    context.emit({ type: 'progress', topic, message });
    const { client, policy } = await upgradeApi(input, host, context);
    await uploadKubeletConfig(client, input.kubelet, policy);
    await removeCriSocketAnnotation(client, input.init.nodeRegistration.name, policy);
  },
};

/** Source: cmd/phases/upgrade/apply/uploadconfig.go. */
export const uploadConfig: ApplyPhase = {
  name: 'upload-config',
  aliases: ['uploadconfig'],
  short: 'Upload the kubeadm and kubelet configurations to ConfigMaps',
  allFlags: flags,
  children: [kubeadm, kubelet],
};
