import { withInitClient } from '../../cluster/client.ts';
import { controlPlaneLabels, formatTaint, markNode } from '../../cluster/node-marks.ts';
import { hostnameLabel } from '../../names.ts';
import type { InitPhase } from './phase.ts';

/** Labels and taints of a control plane on this machine's Node. */
export const markControlPlane: InitPhase = {
  name: 'mark-control-plane',
  short: 'Mark this node as a control plane',
  flags: ['config', 'dry-run', 'node-name'],
  after: ['wait-control-plane'],
  run: async (input, host, context) => {
    const { name, taints = [] } = input.init.nodeRegistration;
    const say = (message: string): void =>
      context.emit({ type: 'progress', topic: 'mark-control-plane', message });
    say(`Marking the node ${name} as control-plane by adding the labels: [${controlPlaneLabels.join(' ')}]`);
    if (taints.length > 0) {
      const texts = taints.map(formatTaint).join(' ');
      say(`Marking the node ${name} as control-plane by adding the taints [${texts}]`);
    }
    const marked = await withInitClient(input, host, context, (client, patience) =>
      markNode(client, name, { labels: controlPlaneLabels, taints }, patience),
    );
    if (marked) return;
    context.emit({
      type: 'warning',
      code: 'node-not-marked',
      message: `Node ${name} has no label ${hostnameLabel} yet, so it was not marked; run "kubeadm init phase mark-control-plane" later`,
    });
  },
};
