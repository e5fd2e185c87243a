import { markControlPlane } from '../../cluster/mark-control-plane.ts';
import { adminApi } from './api.ts';
import type { JoinPhase } from './input.ts';

/** Adds the labels and taints of a control plane to this machine's Node. */
const markNode: JoinPhase = {
  name: 'mark-control-plane',
  short: 'Mark the node as a control plane',
  flags: ['config', 'control-plane', 'dry-run', 'node-name'],
  run: async (input, host, context) => {
    if (input.join.controlPlane === undefined) return;
    const { client, policy } = await adminApi(input, host, context);
    const again = 'kubeadm join phase control-plane-join mark-control-plane --control-plane';
    await markControlPlane(client, { node: input.join.nodeRegistration, policy, emit: context.emit, again });
  },
};

/** Source: cmd/phases/join/controlplanejoin.go. */
export const controlPlaneJoin: JoinPhase = {
  name: 'control-plane-join',
  short: 'Join this machine to the control plane',
  example: `  # Join this machine to the control plane
  kubeadm join phase control-plane-join all --control-plane`,
  allFlags: ['apiserver-advertise-address', 'config', 'control-plane', 'dry-run', 'node-name', 'patches'],
  children: [markNode],
};
