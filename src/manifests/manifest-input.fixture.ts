/** What a plain one-node cluster's manifests are made of; for tests. */
import type { ClusterConfiguration, LocalEtcd } from '../config/hub.ts';
import type { ManifestInput } from './static-pod.ts';

export const localEtcd: LocalEtcd = {
  imageRepository: '',
  imageTag: '',
  dataDir: '/var/lib/etcd',
  extraArgs: [],
  extraEnvs: [],
  serverCertSANs: [],
  peerCertSANs: [],
};

const noExtras = { extraArgs: [], extraVolumes: [], extraEnvs: [] };

export const plainCluster: ClusterConfiguration = {
  etcd: { local: localEtcd },
  networking: { serviceSubnet: '10.96.0.0/12', podSubnet: '', dnsDomain: 'cluster.local' },
  kubernetesVersion: 'v1.36.2',
  controlPlaneEndpoint: '',
  apiServer: { ...noExtras, certSANs: [] },
  controllerManager: noExtras,
  scheduler: noExtras,
  dns: { imageRepository: '', imageTag: '', disabled: false },
  proxy: { disabled: false },
  certificatesDir: '/etc/kubernetes/pki',
  imageRepository: 'registry.k8s.io',
  featureGates: {},
  clusterName: 'kubernetes',
  encryptionAlgorithm: 'RSA-2048',
  certificateValidityPeriod: 31_536_000_000,
  caCertificateValidityPeriod: 315_360_000_000,
};

export const plainInput: ManifestInput = {
  cluster: plainCluster,
  endpoint: { advertiseAddress: '192.0.2.10', bindPort: 6443 },
  nodeName: 'cp1',
  healthCheckTimeout: 240_000,
  externalCA: false,
  facts: { caDirectories: ['/usr/share/ca-certificates'], proxyEnvironment: [] },
};

/** The plain input with some fields of the cluster changed. */
export function inputWith(
  cluster: Partial<ClusterConfiguration>,
  rest: Partial<Omit<ManifestInput, 'cluster'>> = {},
): ManifestInput {
  return { ...plainInput, ...rest, cluster: { ...plainCluster, ...cluster } };
}
