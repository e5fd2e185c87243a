/** Nodes with a member of etcd, for the tests of its removal. */
import type { EtcdMember } from '../../clients/etcd/etcd-client.ts';
import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';
import { adminKubeconfig } from '../../kubeconfig/kubeconfig.fixture.ts';
import type { ResetInput } from './input.ts';
import { inCluster, resetInput } from './reset.fixture.ts';

export const tls = {
  '/etc/kubernetes/pki/etcd/ca.crt': 'ca',
  '/etc/kubernetes/pki/etcd/healthcheck-client.crt': 'cert',
  '/etc/kubernetes/pki/etcd/healthcheck-client.key': 'key',
};
export const data = { '/data/etcd/member/snap/db': 'x', '/var/lib/etcd/member/snap/db': 'x' };

export function member(id: string, address: string, change: Partial<EtcdMember> = {}): EtcdMember {
  return {
    id,
    name: id,
    peerURLs: [`https://${address}:2380`],
    clientURLs: [`https://${address}:2379`],
    isLearner: false,
    ...change,
  };
}

export function machine(members: readonly EtcdMember[], options: MemoryHostOptions = {}) {
  const host = createMemoryHost({ ...options, files: { ...tls, ...data, ...options.files } });
  for (const one of members) {
    host.etcdCluster.members.set(one.id, one);
    host.api.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `etcd-${one.id}`,
        namespace: 'kube-system',
        labels: { component: 'etcd', tier: 'control-plane' },
        annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': one.clientURLs[0] ?? '' },
      },
    });
  }
  return host;
}

export const inIt = (change = {}) => resetInput({ cluster: inCluster(adminKubeconfig, change) });
export const forced = (input: ResetInput) => ({ ...input, options: { ...input.options, force: true } });
export const external = { endpoints: [], httpEndpoints: [], caFile: '', certFile: '', keyFile: '' };
export const assumedExternal = [
  '[reset] No etcd config found. Assuming external etcd',
  '[reset] Please, manually reset etcd to prevent further issues',
];
export const manifestPath = '/etc/kubernetes/manifests/etcd.yaml';
export const manifest = (initialCluster: string) => `spec:
  containers:
  - command:
    - etcd
    - --advertise-client-urls=https://10.0.0.5:2379
    - --listen-client-urls=https://127.0.0.1:2379,https://10.0.0.5:2379
    - --initial-advertise-peer-urls=https://10.0.0.5:2380
    - --initial-cluster=${initialCluster}
  volumes:
  - {name: etcd-data, hostPath: {path: /data/etcd}}
`;
/** A host on which `change` happens after a time. */
export function after(host: MemoryHost, milliseconds: number, change: () => void): MemoryHost {
  const sleep: typeof host.clock.sleep = async (pause, signal) => {
    await host.clock.sleep(pause, signal);
    if (host.clock.monotonic() >= milliseconds) change();
  };
  return { ...host, clock: { ...host.clock, sleep } };
}
export const deleted = (directory: string) =>
  `[reset] Deleted contents of the etcd data directory: ${directory}`;
