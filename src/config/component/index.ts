/** Loading, completing and uploading of KubeletConfiguration and KubeProxyConfiguration. */
export { clusterDns, defaultKubelet, defaultKubeProxy } from './defaults.ts';
export { type ComponentKind, complete, shapeOf } from './go-types.ts';

/** The API groups that kubeadm reads, with the version that it supports. */
export const componentApis = {
  KubeletConfiguration: 'kubelet.config.k8s.io/v1beta1',
  KubeProxyConfiguration: 'kubeproxy.config.k8s.io/v1alpha1',
} as const;
