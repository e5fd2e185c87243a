import type { JoinPhase } from './input.ts';
import { notBuilt } from './not-built.ts';

/** Source: cmd/phases/join/controlplanejoin.go. */
export const controlPlaneJoin: JoinPhase = {
  name: 'control-plane-join',
  short: 'Join this machine to the control plane',
  example: `  # Join this machine to the control plane
  kubeadm join phase control-plane-join all --control-plane`,
  allFlags: ['apiserver-advertise-address', 'config', 'control-plane', 'dry-run', 'node-name', 'patches'],
  children: [
    {
      name: 'mark-control-plane',
      short: 'Mark the node as a control plane',
      flags: ['config', 'control-plane', 'dry-run', 'node-name'],
      run: notBuilt,
    },
  ],
};
