import { type ClusterConfiguration, keyAlgorithm } from '../config/hub.ts';
import type { KeyAlgorithm } from '../host/ports.ts';
import { certificates, isForEtcd } from './certificates.ts';

/** admin, super-admin, kubelet, controller-manager, scheduler. */
const kubeconfigKeys = 5;
const serviceAccountKeys = 1;

/** How many key pairs a whole `init` makes when it finds none: with local etcd 10 + 5 + 1. */
export function keyCount(cluster: ClusterConfiguration): {
  readonly algorithm: KeyAlgorithm;
  readonly count: number;
} {
  const own = certificates.filter((spec) => cluster.etcd.external === undefined || !isForEtcd(spec));
  return { algorithm: keyAlgorithm(cluster), count: own.length + kubeconfigKeys + serviceAccountKeys };
}
