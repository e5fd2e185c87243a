import { describe, expect, test } from 'vitest';
import type { ClusterConfiguration } from './config/hub.ts';
import { controlPlaneImages, requiredImages, versionToTag } from './images.ts';
import { localEtcd, plainCluster } from './manifests/manifest-input.fixture.ts';
import { releaseOf } from './releases/index.ts';

const source = (change: Partial<ClusterConfiguration> = {}) => {
  const cluster = { ...plainCluster, ...change };
  return { cluster, release: releaseOf(cluster.kubernetesVersion) };
};

describe('requiredImages', () => {
  test('lists the images of a plain cluster in order', () => {
    expect(requiredImages(source())).toEqual([
      'registry.k8s.io/kube-apiserver:v1.36.2',
      'registry.k8s.io/kube-controller-manager:v1.36.2',
      'registry.k8s.io/kube-scheduler:v1.36.2',
      'registry.k8s.io/kube-proxy:v1.36.2',
      'registry.k8s.io/coredns/coredns:v1.14.2',
      'registry.k8s.io/pause:3.10.2',
      'registry.k8s.io/etcd:3.6.8-0',
    ]);
  });

  test('leaves out what the cluster does not run', () => {
    const external = { endpoints: [], httpEndpoints: [], caFile: '', certFile: '', keyFile: '' };
    const images = requiredImages(
      source({
        dns: { ...plainCluster.dns, disabled: true },
        proxy: { disabled: true },
        etcd: { external },
      }),
    );
    expect(images.map((image) => image.replace(/.*\/(.*):.*/, '$1'))).toEqual([
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'pause',
    ]);
  });
});

describe('controlPlaneImages', () => {
  test('keeps CoreDNS a folder deeper in the default registry only, however it was named', () => {
    const custom = { imageRepository: 'example.com/x' };
    expect(controlPlaneImages(source(custom)).coredns).toBe('example.com/x/coredns:v1.14.2');
    const dns = { imageRepository: 'registry.k8s.io', imageTag: 'v9', disabled: false };
    expect(controlPlaneImages(source({ ...custom, dns })).coredns).toBe('registry.k8s.io/coredns/coredns:v9');
  });

  test('takes the Kubernetes images alone from the CI repository', () => {
    const images = controlPlaneImages(
      source({
        kubernetesVersion: 'v1.37.0-alpha.1+5d2f',
        ciImageRepository: 'gcr.io/k8s-staging-ci-images',
      }),
    );
    expect(images.kubeProxy).toBe('gcr.io/k8s-staging-ci-images/kube-proxy:v1.37.0-alpha.1_5d2f');
    expect(images.pause).toBe('registry.k8s.io/pause:3.10.2');
  });

  test('takes repository and tag of etcd from the configuration', () => {
    const etcd = { local: { ...localEtcd, imageRepository: 'e.io', imageTag: '1' } };
    expect(controlPlaneImages(source({ etcd })).etcd).toBe('e.io/etcd:1');
  });
});

test('a version becomes a tag without characters that tags cannot have', () => {
  expect(versionToTag('v1.36.2+a/b')).toBe('v1.36.2_a_b');
});
