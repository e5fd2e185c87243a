/** Names of the container images. Source: cmd/kubeadm/app/images/images.go. */
import type { ClusterConfiguration } from './config/hub.ts';
import { coreDnsTag, etcdTag, pauseTag } from './versions.ts';

export const defaultImageRepository = 'registry.k8s.io';

export interface ControlPlaneImages {
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly kubeScheduler: string;
  readonly kubeProxy: string;
  readonly etcd: string;
  readonly coredns: string;
  readonly pause: string;
}

/** The image of each component, whether this cluster runs it or not. */
export function controlPlaneImages(cluster: ClusterConfiguration): ControlPlaneImages {
  return {
    kubeApiserver: kubernetesImage(cluster, 'kube-apiserver'),
    kubeControllerManager: kubernetesImage(cluster, 'kube-controller-manager'),
    kubeScheduler: kubernetesImage(cluster, 'kube-scheduler'),
    kubeProxy: kubernetesImage(cluster, 'kube-proxy'),
    etcd: etcdImage(cluster),
    coredns: corednsImage(cluster),
    pause: imageName(cluster.imageRepository, 'pause', pauseTag),
  };
}

/** What this cluster needs, in the order in which `config images list` prints it. */
export function requiredImages(cluster: ClusterConfiguration): readonly string[] {
  const images = controlPlaneImages(cluster);
  return [
    images.kubeApiserver,
    images.kubeControllerManager,
    images.kubeScheduler,
    ...(cluster.proxy.disabled ? [] : [images.kubeProxy]),
    ...(cluster.dns.disabled ? [] : [images.coredns]),
    images.pause,
    ...(cluster.etcd.local === undefined ? [] : [images.etcd]),
  ];
}

/** A version as an image tag: characters that a tag cannot hold become `_`. */
export function versionToTag(version: string): string {
  return version.replaceAll(/[^-a-zA-Z0-9_.]/g, '_');
}

function kubernetesImage(cluster: ClusterConfiguration, component: string): string {
  const repository = cluster.ciImageRepository || cluster.imageRepository;
  return imageName(repository, component, versionToTag(cluster.kubernetesVersion));
}

function etcdImage(cluster: ClusterConfiguration): string {
  const local = cluster.etcd.local;
  const minor = Number(/^v?\d+\.(\d+)/.exec(cluster.kubernetesVersion)?.[1] ?? Number.MAX_SAFE_INTEGER);
  return imageName(
    local?.imageRepository || cluster.imageRepository,
    'etcd',
    local?.imageTag || etcdTag(minor),
  );
}

function corednsImage(cluster: ClusterConfiguration): string {
  const repository = cluster.dns.imageRepository || cluster.imageRepository;
  // Only the default registry keeps CoreDNS one folder deeper.
  const folder = repository === defaultImageRepository ? `${repository}/coredns` : repository;
  return imageName(folder, 'coredns', cluster.dns.imageTag || coreDnsTag);
}

function imageName(repository: string, name: string, tag: string): string {
  return `${repository}/${name}:${tag}`;
}
