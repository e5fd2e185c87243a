/** Rules about Pods that the kubelet cannot start, although it runs. */
import { manifestPath, manifestsDir, staticPods } from '../../names.ts';
import type { Facts, PodFailure } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { signature } from '../logs/klog.ts';
import type { Remedy } from '../remedy.ts';

/** A failure must be repeated after so long, because the kubelet tries again. */
const repeatedMs = 2_000;
/** A fault that lasts is enough after so long without a container. */
const patienceMs = 3_000;
const lasting =
  /no such file or directory|permission denied|not permitted|hostPath type check failed|read-only file system|no space left|too many open files|not found|invalid|couldn't parse|^admission denied/i;

export const resolvConfMissing: Rule = {
  name: 'resolv-conf-missing',
  title: "The kubelet's resolvConf does not exist",
  proof:
    'The configuration of the kubelet names a file that is not on this machine, and the kubelet reports it for a Pod.',
  cure: 'Correct `resolvConf` of the KubeletConfiguration, or create the file.',
  find: (facts) => {
    const resolvConf = facts.machine?.resolvConf;
    if (resolvConf === undefined || resolvConf.exists) return [];
    const { path } = resolvConf;
    const message = facts.podFailures?.findLast((one) => one.message.includes(path))?.message;
    return [
      {
        code: 'kubelet-failed',
        component: 'kubelet',
        // The file may not be needed any more, for example after the Pods have started.
        certainty: message === undefined ? 'likely' : 'certain',
        summary: `the kubelet cannot start Pods, because the file ${path} of resolvConf in its configuration does not exist`,
        evidence: message === undefined ? [] : [message],
        remedy: { kind: 'kubelet-configuration', field: 'resolvConf' },
      },
    ];
  },
};

export const manifestUnreadable: Rule = {
  name: 'manifest-unreadable',
  title: 'The kubelet cannot read the manifest of a static Pod',
  proof: 'The kubelet reports that it could not process the file, and the component has no container.',
  cure: 'Correct the manifest, or the patch that made it.',
  find: (facts) =>
    unstarted(facts, ({ pod }) => pod.startsWith(`${manifestsDir}/`)).map(({ component, failure }) => ({
      code: 'container-failed',
      component,
      certainty: 'certain',
      summary: `${component} is not started, because the kubelet cannot read its manifest ${failure.pod}: ${failure.message}`,
      evidence: [],
      remedy: {
        kind: 'steps',
        text: `Correct ${failure.pod}, or the patch that made it so`,
        commands: [],
      },
    })),
};

export const podFailed: Rule = {
  name: 'pod-failed',
  title: 'The kubelet cannot start a static Pod',
  proof:
    'The kubelet reports the same failure twice, or once a failure that lasts, such as a volume that cannot be mounted; and the component has no container.',
  cure: 'Correct what the message of the kubelet names.',
  find: (facts) =>
    unstarted(facts, ({ pod }) => pod.startsWith('kube-system/')).map(
      ({ component, failure }): Finding => ({
        code: 'container-failed',
        component,
        certainty: 'certain',
        summary: `${component} is not started, because the kubelet cannot start its Pod: ${failure.message}${noNetwork.test(failure.message) ? ' (its Pod has no hostNetwork, and there is no Pod network yet)' : ''}`,
        evidence: [],
        remedy: remedy(component, failure),
      }),
    ),
};

/** A static Pod of the control plane runs before there can be a Pod network. Other Pods wait for it. */
const noNetwork = /^network is not ready/;

function remedy(component: string, { message }: PodFailure): Remedy {
  if (noNetwork.test(message)) {
    return {
      kind: 'steps',
      text: `Set hostNetwork to true in ${manifestPath(component)}, or correct the patch that changed it`,
      commands: [],
    };
  }
  if (/hostPath type check failed|^volume /.test(message)) {
    return {
      kind: 'steps',
      text: `Create the path of the volume on this machine, or correct the extraVolumes of ${component}`,
      commands: [],
    };
  }
  return { kind: 'named-fault', component };
}

interface Unstarted {
  readonly component: string;
  readonly failure: PodFailure;
}

/** The components without a container, each with its last failure if that is proved. */
function unstarted(facts: Facts, belongs: (failure: PodFailure) => boolean): readonly Unstarted[] {
  const waiting = (facts.components ?? []).filter(({ state }) =>
    ['no-sandbox', 'no-container', 'created'].includes(state),
  );
  return waiting.flatMap(({ name }) => {
    const own = (facts.podFailures ?? []).filter((one) => belongs(one) && isOf(name, one));
    const last = own.at(-1);
    return last !== undefined && isProved(own, last, facts.elapsedMs)
      ? [{ component: name, failure: last }]
      : [];
  });
}

function isOf(component: string, { message, pod }: PodFailure): boolean {
  if (noNetwork.test(message) && !staticPods.some((name) => name === component)) return false;
  return pod.startsWith(`kube-system/${component}-`) || pod === `${manifestsDir}/${component}.yaml`;
}

function isProved(own: readonly PodFailure[], last: PodFailure, elapsedMs: number): boolean {
  const first = own.find(({ message }) => signature(message) === signature(last.message)) ?? last;
  if (last.at - first.at >= repeatedMs) return true;
  return lasting.test(last.message) && elapsedMs - first.at >= patienceMs;
}
