/** The input for the manifests of a plain one-node cluster, for tests. */
import type { ClusterConfiguration, LocalEtcd } from '../config/hub.ts';
import { defaultCluster } from '../config/v1beta4/defaults.ts';
import { releaseOf } from '../releases/index.ts';
import { kubeadmVersion } from '../versions.ts';
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

export const plainCluster = defaultCluster({ kubernetesVersion: kubeadmVersion });

export const plainInput: ManifestInput = {
  cluster: plainCluster,
  release: releaseOf(plainCluster.kubernetesVersion),
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
