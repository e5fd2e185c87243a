import { type Cause, type Rule, sameAgain } from '../cause.ts';
import type { EndedKubelet, KubeletFacts } from '../facts.ts';
import { signature } from '../klog.ts';
import { lastWords } from '../last-words.ts';

/** The number of exits after which a slow runtime is no longer the explanation. */
const manyExits = 5;

export const kubeletExits: Rule = {
  name: 'kubelet-exits',
  title: 'The kubelet keeps exiting',
  proof:
    'It ended twice with the same error, or three times during the wait (five times if it only misses the runtime), or systemd has given it up.',
  remedy: 'Correct `nodeRegistration.kubeletExtraArgs` or the KubeletConfiguration.',
  find: ({ kubelet }) => {
    const run = kubelet?.runs.at(-1);
    if (kubelet === undefined || run === undefined || kubelet.state === 'active') return undefined;
    if (run.exitCode === 0 || !isRepeated(kubelet)) return undefined;
    return cause(kubelet, run);
  },
};

function isRepeated({ exits, exitsEver, runs, state }: KubeletFacts): boolean {
  if (state === 'failed') return true;
  if (exits === 0 || exitsEver < 2) return false;
  const [before, last] = runs.slice(-2);
  if (lastWords(runs.at(-1)?.log ?? [])?.waitsForAnother === true) return exits >= manyExits;
  if (before === undefined || last === undefined) return exits >= 2;
  return isSame(before, last) ? exits >= 1 : exits >= 3;
}

/** Whether both have the same exit code and, if both left a log, the same last line. */
function isSame(one: EndedKubelet, two: EndedKubelet): boolean {
  const [first, second] = [one, two].map(({ log }) => log.at(-1));
  if (one.exitCode !== two.exitCode) return false;
  return first === undefined || second === undefined || signature(first) === signature(second);
}

function cause({ exitsEver, state }: KubeletFacts, run: EndedKubelet): Cause {
  const words = lastWords(run.log);
  const reason = words?.reason;
  const times = state === 'failed' ? 'and systemd has given it up' : `${exitsEver} times so far`;
  return {
    code: 'kubelet-failed',
    component: 'kubelet',
    exitCode: run.exitCode,
    summary: `the kubelet exits, ${times} (exit code ${run.exitCode})${reason === undefined ? '' : `: ${reason}`}`,
    evidence: words?.evidence ?? [],
    advice: `${whatToDo(reason ?? '')} (\`journalctl -xeu kubelet\` shows its whole output), ${sameAgain}`,
  };
}

function whatToDo(reason: string): string {
  if (/parse kubelet flag|unknown flag|invalid argument/.test(reason)) {
    return 'Correct nodeRegistration.kubeletExtraArgs, or KUBELET_EXTRA_ARGS in /etc/default/kubelet (kubeadm wrote /var/lib/kubelet/kubeadm-flags.env)';
  }
  if (/kubelet config|kubelet configuration|config file|feature gate/.test(reason)) {
    return 'Correct the KubeletConfiguration or its patch (kubeadm wrote /var/lib/kubelet/config.yaml)';
  }
  return 'Correct the fault that the kubelet names';
}
