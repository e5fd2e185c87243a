import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { NodeRegistration } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import { hostnameLabel } from '../names.ts';
import type { RetryPolicy } from './apply.ts';
import { controlPlaneLabels, formatTaint, markNode } from './node-marks.ts';

export interface Marking {
  readonly node: Pick<NodeRegistration, 'name' | 'taints'>;
  readonly policy: RetryPolicy;
  readonly emit: Emit;
  /** The command that marks the node later, for the warning that it was not possible now. */
  readonly again: string;
}

/**
 * Gives a Node the labels of a control plane and its taints. Warns if the Node does not get its hostname label in time.
 * Source: phases/markcontrolplane.
 *
 * @throws the errors of `markNode`
 */
export async function markControlPlane(
  client: KubeClient,
  { again, emit, node, policy }: Marking,
): Promise<void> {
  const { name, taints = [] } = node;
  const say = (message: string): void => emit({ type: 'progress', topic: 'mark-control-plane', message });
  say(`Marking the node ${name} as control-plane by adding the labels: [${controlPlaneLabels.join(' ')}]`);
  if (taints.length > 0) {
    const texts = taints.map(formatTaint).join(' ');
    say(`Marking the node ${name} as control-plane by adding the taints [${texts}]`);
  }
  if (await markNode(client, name, { labels: controlPlaneLabels, taints }, policy)) return;
  const message = `Node ${name} has no label ${hostnameLabel} yet, so it was not marked; run "${again}" later`;
  emit({ type: 'warning', code: 'node-not-marked', message });
}
