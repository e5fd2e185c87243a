/** A cluster of etcd for tests: members with their Pods, and a node that can use the client certificate. */
import type { EtcdMember } from '../clients/etcd/etcd-client.ts';
import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../host/memory/index.ts';

export function etcdMember(id: string, address: string, change: Partial<EtcdMember> = {}): EtcdMember {
  return {
    id,
    name: `node-${id}`,
    peerURLs: [`https://${address}:2380`],
    clientURLs: [`https://${address}:2379`],
    isLearner: false,
    ...change,
  };
}

export function hostWithEtcd(
  members: readonly EtcdMember[],
  { files, ...options }: MemoryHostOptions = {},
): MemoryHost {
  const tls = Object.fromEntries(
    ['ca.crt', 'healthcheck-client.crt', 'healthcheck-client.key'].map((name) => [
      `/etc/kubernetes/pki/etcd/${name}`,
      name,
    ]),
  );
  const host = createMemoryHost({ ...options, files: { ...tls, ...files } });
  for (const member of members) {
    host.etcdCluster.members.set(member.id, member);
    if (!member.isLearner) host.api.create(etcdPod(member));
  }
  return host;
}

export function etcdPod({ id, clientURLs }: EtcdMember) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `etcd-${id}`,
      namespace: 'kube-system',
      labels: { component: 'etcd', tier: 'control-plane' },
      annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': clientURLs[0] ?? '' },
    },
  };
}
