import type { LeftoverKind } from '../events/reset.ts';

/** The kinds in the words of messages. */
export const kindTexts: Readonly<Record<LeftoverKind, string>> = {
  cgroup: 'control groups',
  'cni-configuration': 'configuration of CNI plugins',
  'cni-state': 'state of CNI plugins',
  directory: 'folders',
  'etcd-data': 'data of etcd',
  file: 'files',
  ipset: 'sets of ipset',
  iptables: 'rules of iptables',
  ipvs: 'virtual servers of ipvs',
  kubeconfig: 'kubeconfigs of users',
  kubelet: 'kubelet',
  link: 'network links',
  log: 'logs',
  mount: 'mounts',
  'network-namespace': 'network namespaces',
  nftables: 'tables of nftables',
  pod: 'Pods',
};
