import { markControlPlane as mark } from '../../cluster/mark-control-plane.ts';
import { initApi } from './api.ts';
import type { InitPhase } from './input.ts';

/** Adds the labels and taints of a control plane to this machine's Node. */
export const markControlPlane: InitPhase = {
  name: 'mark-control-plane',
  short: 'Mark this node as a control plane',
  flags: ['config', 'dry-run', 'node-name'],
  run: async (input, host, context) => {
    const { client, policy } = await initApi(input, host, context);
    const again = 'kubeadm init phase mark-control-plane';
    await mark(client, { node: input.init.nodeRegistration, policy, emit: context.emit, again });
  },
};
