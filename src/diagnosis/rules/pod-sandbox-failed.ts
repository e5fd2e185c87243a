import { staticPods } from '../../names.ts';
import type { Facts, SandboxFailure } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { innermost } from '../logs/innermost.ts';
import { signature } from '../logs/klog.ts';
import { shortened } from '../logs/shortened.ts';
import { nothingStarted } from './sandbox-failed.ts';

/** The kubelet tries a Pod again after 10 to 15 s. */
const manyTries = 3;
const longest = 300;

/** The runtime was busy, so that a name stays reserved for a while. */
const transient = /is reserved for/;
/** The wording of containerd, CRI-O and libcni about a failed plug-in of the Pod network. */
const ofNetwork = /setup network for sandbox|plugin type=|\bcni\b/i;

export const podSandboxFailed: Rule = {
  name: 'pod-sandbox-failed',
  title: 'The container runtime cannot make the sandbox of a Pod',
  // The control plane runs without other Pods.
  explainsSymptoms: false,
  explainsFailure: false,
  proof:
    'The journal of the kubelet has three failures of the last minutes for one Pod that is not a static Pod of the control plane, and the Pod has no sandbox since. This is never the cause of a failed `init`, `join` or `upgrade`. A Pod that was deleted meanwhile is named for up to six minutes.',
  cure: 'Repair the network add-on (CNI), or what else the message names.',
  find: (facts) => {
    if ((facts.components ?? []).length > 0 && nothingStarted(facts)) return [];
    const failing = lastFailures(facts);
    const kinds = [...new Set(failing.map(kindOf))];
    return kinds.map((kind) => finding(failing.filter((one) => kindOf(one) === kind)));
  },
};

/** The last failure of each Pod that failed often enough. */
function lastFailures({ sandboxes }: Pick<Facts, 'sandboxes'>): readonly SandboxFailure[] {
  const own = sandboxes.filter(({ message, pod }) => !isStatic(pod) && !transient.test(message));
  return [...new Set(own.map(({ pod }) => pod))].flatMap((pod) => {
    const failures = own.filter((one) => one.pod === pod);
    return failures.length < manyTries ? [] : failures.slice(-1);
  });
}

function isStatic(pod: string): boolean {
  return staticPods.some((name) => pod.startsWith(`kube-system/${name}-`));
}

/** Failures that differ only in ids, numbers and the name of the Pod have the same cause. */
function kindOf({ message, pod }: SandboxFailure): string {
  const name = pod.slice(pod.indexOf('/') + 1);
  return signature(innermost(message).replaceAll(name, '').replaceAll(pod, ''));
}

function finding(failures: readonly SandboxFailure[]): Finding {
  const [{ message = '', pod = '' } = {}, ...others] = failures;
  const isNetwork = ofNetwork.test(message);
  const reason = shortened(innermost(message), longest);
  const also =
    others.length === 0 ? '' : ` and ${others.length === 1 ? 'one more' : `${others.length} more`}`;
  return {
    code: 'sandbox-failed',
    component: isNetwork ? 'Pod network' : 'Pods',
    certainty: 'likely',
    summary: `the Pod ${pod}${also} cannot start, because ${isNetwork ? 'the network add-on (CNI) fails' : 'the container runtime cannot make its sandbox'}: ${reason}`,
    evidence: [],
    remedy: {
      kind: 'steps',
      text: isNetwork
        ? 'Repair the network add-on: its Pods on this node, the CNI configuration in /etc/cni/net.d and the plug-ins in /opt/cni/bin'
        : 'Repair what the message names (`journalctl -u containerd` shows more)',
      commands: isNetwork
        ? ['ls /etc/cni/net.d /opt/cni/bin', 'kubectl get pods -A -o wide']
        : ['journalctl -u containerd'],
    },
  };
}
