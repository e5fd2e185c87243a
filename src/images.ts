/** Names of the container images. Source: cmd/kubeadm/app/images/images.go. */
import { defaultImageRepository } from './config/defaults.ts';
import type { ClusterConfiguration } from './config/hub.ts';
import { at } from './lib/is-record.ts';
import type { Release } from './releases/release.ts';

/** The cluster, and the release of its version. */
export interface ImageSource {
  readonly cluster: ClusterConfiguration;
  readonly release: Release;
}

export interface ControlPlaneImages {
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly kubeScheduler: string;
  readonly kubeProxy: string;
  readonly etcd: string;
  readonly coredns: string;
  readonly pause: string;
}

/** Returns the image of each component, also of those that this cluster does not run. */
export function controlPlaneImages({ cluster, release }: ImageSource): ControlPlaneImages {
  return {
    kubeApiserver: kubernetesImage(cluster, 'kube-apiserver'),
    kubeControllerManager: kubernetesImage(cluster, 'kube-controller-manager'),
    kubeScheduler: kubernetesImage(cluster, 'kube-scheduler'),
    kubeProxy: kubernetesImage(cluster, 'kube-proxy'),
    etcd: etcdImage(cluster, release),
    coredns: corednsImage(cluster, release),
    pause: imageName(cluster.imageRepository, 'pause', release.images.pause),
  };
}

/** Returns the images that this cluster needs, in the order of `config images list`. */
export function requiredImages(source: ImageSource): readonly string[] {
  const { cluster } = source;
  const images = controlPlaneImages(source);
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

/** Returns the image tag of a version. It has `_` for each character that is not allowed in a tag. */
export function versionToTag(version: string): string {
  return version.replaceAll(/[^-a-zA-Z0-9_.]/g, '_');
}

function kubernetesImage(cluster: ClusterConfiguration, component: string): string {
  const repository = cluster.ciImageRepository || cluster.imageRepository;
  return imageName(repository, component, versionToTag(cluster.kubernetesVersion));
}

function etcdImage(cluster: ClusterConfiguration, release: Release): string {
  const local = cluster.etcd.local;
  return imageName(
    local?.imageRepository || cluster.imageRepository,
    'etcd',
    local?.imageTag || release.images.etcd,
  );
}

function corednsImage(cluster: ClusterConfiguration, release: Release): string {
  const repository = cluster.dns.imageRepository || cluster.imageRepository;
  // Only the default registry has CoreDNS in a folder of its own.
  const folder = repository === defaultImageRepository ? `${repository}/coredns` : repository;
  return imageName(folder, 'coredns', cluster.dns.imageTag || release.images.coredns);
}

function imageName(repository: string, name: string, tag: string): string {
  return `${repository}/${name}:${tag}`;
}

/** The version in an image tag. A tag has `_` in the place of the first `+`. */
export function versionOfImage(image: string): string {
  return tagOf(image).replace('_', '+');
}

/** The tag of an image reference without its digest; empty without a tag. Source: util/image/image.go. */
export function tagOf(image: string): string {
  const reference = image.replace(/@sha256:[0-9a-fA-F]{64}$/, '');
  return /:(\w[\w.-]*)$/.exec(reference)?.[1] ?? '';
}

/** The image of the first container of a Pod's spec; empty if there is none. */
export function firstImage(spec: unknown): string {
  const containers = at(spec, 'containers');
  const image = Array.isArray(containers) ? at(containers[0], 'image') : undefined;
  return typeof image === 'string' ? image : '';
}
