import type { KubeObject } from '../clients/kube/kube-client.ts';
import { componentConfigHash } from '../config/component/checksum.ts';
import type { ComponentConfig } from '../config/hub.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { componentConfigHashAnnotation, kubeletConfigMap } from '../names.ts';

/**
 * Returns the ConfigMap kube-system/kubelet-config, from which the kubelets of joining nodes start. The ConfigMap has a
 * hash only if kubeadm made the whole configuration, so that an upgrade may make it again.
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
