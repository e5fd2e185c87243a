import { describe, expect, test } from 'vitest';
import type { ClusterConfiguration } from '../config/hub.ts';
import { defaultCluster, defaultInit } from '../config/v1beta4/defaults.ts';
import { ownRelease } from '../releases/index.ts';
import { kubeadmVersion } from '../versions.ts';
import { initChecks, rootChecks } from './profiles.ts';

const init = defaultInit({ nodeRegistration: { name: 'node1', criSocket: 'unix:///run/x.sock' } });
const cluster = defaultCluster({ kubernetesVersion: kubeadmVersion });

const names = (change: Partial<ClusterConfiguration> = {}, address = '10.0.0.5') =>
  initChecks({
    release: ownRelease,
    init: { ...init, localAPIEndpoint: { advertiseAddress: address, bindPort: 6443 } },
    cluster: { ...cluster, ...change },
    kubeletVersion: Promise.resolve('not known'),
  }).map(({ name }) => name);

const ipv4 = 'FileContent--proc-sys-net-ipv4-ip_forward';
const ipv6 = 'FileContent--proc-sys-net-ipv6-conf-default-forwarding';

describe('initChecks', () => {
  test("has upstream's names in upstream's order, and then our own", () => {
    expect(names()).toEqual([
      'NumCPU',
      'Mem',
      'KubernetesVersion',
      'Firewalld',
      'Port-6443',
      'Port-10259',
      'Port-10257',
      'FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml',
      'FileAvailable--etc-kubernetes-manifests-kube-controller-manager.yaml',
      'FileAvailable--etc-kubernetes-manifests-kube-scheduler.yaml',
      'FileAvailable--etc-kubernetes-manifests-etcd.yaml',
      'HTTPProxy',
      'HTTPProxyCIDR',
      'HTTPProxyCIDR',
      'CRI',
      'ContainerRuntimeVersion',
      'Swap',
      'FileExisting-losetup',
      'FileExisting-mount',
      'FileExisting-cp',
      'SystemVerification',
      'Hostname',
      'KubeletVersion',
      'Service-kubelet',
      'Port-10250',
      ipv4,
      'Port-2379',
      'Port-2380',
      'DirAvailable--var-lib-etcd',
      'Loopback',
      'LowLevelRuntime',
      'FileSystem',
      'NodeIP',
      'AdvertiseAddress',
      'Port-2381',
      'Certificates',
      'ManifestDuplicate',
      'ServiceAccountKeys',
      'ExtraArgs',
    ]);
  });

  test('asks for the forwarding of each IP family in use', () => {
    const networking = { serviceSubnet: '10.96.0.0/12,fd00:1::/108', podSubnet: '', dnsDomain: 'x' };
    expect(names({ networking })).toEqual(expect.arrayContaining([ipv4, ipv6]));
    const six = { ...networking, serviceSubnet: 'fd00:1::/108' };
    expect(names({ networking: six }, 'fd00::5')).not.toContain(ipv4);
    expect(names({ networking: six }, 'fd00::5')).toContain(ipv6);
    expect(names({ networking: six })).toEqual(expect.arrayContaining([ipv4, ipv6]));
    expect(names({ networking }).filter((name) => name === 'HTTPProxyCIDR')).toHaveLength(3);
  });

  test('looks at an external etcd instead of a local one', () => {
    const external = { endpoints: [], httpEndpoints: [], caFile: '/a', certFile: '/b', keyFile: '/c' };
    const found = names({ etcd: { external } });
    expect(found.slice(-12)).toEqual([
      'ExternalEtcdVersion',
      ...Array(3).fill('ExternalEtcdClientCertificates'),
      'Loopback',
      'LowLevelRuntime',
      'FileSystem',
      'NodeIP',
      'Certificates',
      'ManifestDuplicate',
      'ServiceAccountKeys',
      'ExtraArgs',
    ]);
    expect(found).not.toContain('Port-2379');
    expect(found).toContain('FileAvailable--etc-kubernetes-manifests-etcd.yaml');
  });

  test('begins with a list that is the root check alone', () => {
    expect(rootChecks.map(({ name }) => name)).toEqual(['IsPrivilegedUser']);
  });
});
