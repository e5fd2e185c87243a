/** KubeletConfiguration and KubeProxyConfiguration as kubeadm loads, completes and uploads them. */
export { clusterDns, defaultKubelet, defaultKubeProxy } from './defaults.ts';
export { type ComponentKind, complete, shapeOf } from './go-types.ts';

/** Groups that kubeadm knows, with the one version it reads. */
export const componentApis = {
  KubeletConfiguration: 'kubelet.config.k8s.io/v1beta1',
  KubeProxyConfiguration: 'kubeproxy.config.k8s.io/v1alpha1',
} as const;
