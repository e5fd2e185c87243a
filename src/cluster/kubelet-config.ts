import type { KubeObject } from '../clients/kube/kube-client.ts';
import { componentConfigHash } from '../config/component/checksum.ts';
import type { ComponentConfig } from '../config/hub.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { componentConfigHashAnnotation, kubeletConfigMap } from '../names.ts';

/**
 * ConfigMap kube-system/kubelet-config: what the kubelets of nodes that join start from. Only a config that
 * kubeadm made itself is signed with its hash, so that upgrades may make it anew.
 * Source: phases/kubelet/config.go, componentconfigs/checksums.go.
 */
export function kubeletConfigMapOf(kubelet: ComponentConfig): KubeObject {
  const data = { kubelet: toYaml(kubelet.data) };
  const annotations = kubelet.userSupplied
    ? {}
    : { annotations: { [componentConfigHashAnnotation]: componentConfigHash(data) } };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: kubeletConfigMap, namespace: 'kube-system', ...annotations },
    data,
  };
}
