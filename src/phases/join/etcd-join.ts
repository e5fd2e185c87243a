import type { JoinPhase } from './input.ts';
import { notBuilt } from './not-built.ts';

/** Source: cmd/phases/join/controlplanejoin.go, runEtcdPhase. */
export const etcdJoin: JoinPhase = {
  name: 'etcd-join',
  short: 'Join etcd for control plane nodes',
  example: `  # Join etcd for a control plane node
  kubeadm join phase etcd-join --control-plane`,
  flags: ['apiserver-advertise-address', 'config', 'control-plane', 'dry-run', 'node-name', 'patches'],
  run: notBuilt,
};
