import { command } from '../../command.ts';
import { apply } from './apply.ts';
import { diff } from './diff.ts';
import { node } from './node.ts';
import { plan } from './plan.ts';

export const upgrade = command({
  name: 'upgrade',
  short: 'Upgrade a cluster to another version of Kubernetes',
  long: `Upgrade a cluster to another version of Kubernetes.

'kubeadm upgrade plan' shows the possible versions. 'kubeadm upgrade apply' upgrades the first control
plane, and 'kubeadm upgrade node' every other node afterwards. The kubelets are upgraded by hand.`,
  commands: [apply, diff, node, plan],
});
