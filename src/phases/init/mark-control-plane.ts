import { controlPlaneLabels, formatTaint, markNode } from '../../cluster/node-marks.ts';
import { hostnameLabel } from '../../names.ts';
import { initApi } from './api.ts';
import type { InitPhase } from './input.ts';

/** Adds the labels and taints of a control plane to this machine's Node. */
export const markControlPlane: InitPhase = {
  name: 'mark-control-plane',
  short: 'Mark this node as a control plane',
  flags: ['config', 'dry-run', 'node-name'],
  run: async (input, host, context) => {
    const { name, taints = [] } = input.init.nodeRegistration;
    const say = (message: string): void =>
      context.emit({ type: 'progress', topic: 'mark-control-plane', message });
    say(`Marking the node ${name} as control-plane by adding the labels: [${controlPlaneLabels.join(' ')}]`);
    if (taints.length > 0) {
      const texts = taints.map(formatTaint).join(' ');
      say(`Marking the node ${name} as control-plane by adding the taints [${texts}]`);
    }
    const { client, policy } = await initApi(input, host, context);
    const marked = await markNode(client, name, { labels: controlPlaneLabels, taints }, policy);
    if (marked) return;
    context.emit({
      type: 'warning',
      code: 'node-not-marked',
      message: `Node ${name} has no label ${hostnameLabel} yet, so it was not marked; run "kubeadm init phase mark-control-plane" later`,
    });
  },
};
