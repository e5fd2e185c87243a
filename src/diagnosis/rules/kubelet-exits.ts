import type { EndedKubelet, KubeletFacts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { kernelLimit } from '../logs/kernel-limit.ts';
import { parseKlog, signature } from '../logs/klog.ts';
import { lastingFault, lastWords } from '../logs/last-words.ts';
import type { Remedy } from '../remedy.ts';
import { times } from '../times.ts';
import { newKubeletConf } from './certificate.ts';

/** The number of exits after which a slow runtime is no longer the explanation. */
const manyExits = 5;

export const kubeletExits: Rule = {
  name: 'kubelet-exits',
  title: 'The kubelet keeps ending',
  proof:
    'It refused its flags or its configuration, or ended twice with the same error, or three times during the wait (five times if it only misses the runtime), or systemd has given it up.',
  cure: 'Correct `nodeRegistration.kubeletExtraArgs` or the KubeletConfiguration.',
  find: ({ kubelet }) => {
    const run = kubelet?.runs.at(-1);
    if (kubelet === undefined || run === undefined || kubelet.state === 'active') return [];
    if (run.exitCode === 0 || !isProved(kubelet)) return [];
    return [finding(kubelet, run)];
  },
};

function isProved({ exits, exitsEver, runs, state }: KubeletFacts): boolean {
  if (state === 'failed') return true;
  const words = lastWords(runs.at(-1)?.log ?? []);
  // Nothing but a user changes what it reads, so the next try ends in the same way.
  if (words?.refusesInput === true) return exitsEver >= 1;
  if (exits === 0 || exitsEver < 2) return false;
  const [before, last] = runs.slice(-2);
  if (words?.waitsForAnother === true) return exits >= manyExits;
  if (before === undefined || last === undefined) return exits >= 2;
  return isSame(before, last) ? exits >= 1 : exits >= 3;
}

/** Whether both have the same exit code and, if both left a log, the same last line, reason or lasting fault. */
function isSame(one: EndedKubelet, two: EndedKubelet): boolean {
  if (one.exitCode !== two.exitCode) return false;
  const [first, second] = [one, two].map(({ log }) => log.at(-1));
  if (first === undefined || second === undefined || signature(first) === signature(second)) return true;
  const [before = '', after = ''] = [one, two].map(({ log }) => lastWords(log)?.reason);
  if (signature(before) === signature(after)) return true;
  const fault = lastingFault(before);
  return fault !== undefined && fault === lastingFault(after);
}

/** The kubelet only looks for its bootstrap kubeconfig if it cannot use its own one. Source: certificate/bootstrap/bootstrap.go. */
const withoutBootstrap = /unable to load bootstrap kubeconfig: /;
const ownUnusable = /^(?:part of the|unable to .*?) existing bootstrap client (?:certificate|config) /;

/** The last words, or why the kubelet cannot use its kubeconfig. */
function reasonOf({ log }: EndedKubelet): string | undefined {
  const reason = lastWords(log)?.reason;
  if (reason === undefined || !withoutBootstrap.test(reason)) return reason;
  const unusable = log
    .map((line) => parseKlog(line))
    .findLast((line) => ownUnusable.test(line?.fields.err ?? line?.message ?? ''));
  const why = unusable?.fields.err ?? unusable?.message;
  return why === undefined ? reason : `${why} (${reason})`;
}

function finding({ exitsEver, state, unit }: KubeletFacts, run: EndedKubelet): Finding {
  const words = lastWords(run.log);
  const reason = reasonOf(run);
  const howOften = state === 'failed' ? 'and systemd has given it up' : `${times(exitsEver)} so far`;
  return {
    code: 'kubelet-failed',
    component: 'kubelet',
    certainty: 'certain',
    exitCode: run.exitCode,
    summary: `the kubelet exits, ${howOften} (exit code ${run.exitCode})${reason === undefined ? '' : `: ${reason}`}`,
    evidence: words?.evidence ?? [],
    remedy: remedy(reason ?? ''),
    ...(unit?.since === undefined ? {} : { since: unit.since }),
  };
}

function remedy(reason: string): Remedy {
  if (ownUnusable.test(reason)) return newKubeletConf;
  const limit = kernelLimit(reason);
  if (limit !== undefined) return { kind: 'kernel-limit', sysctl: limit.sysctl };
  if (/swap on is not supported/.test(reason)) {
    return {
      kind: 'steps',
      text: 'Turn swap off with `swapoff -a` and in /etc/fstab, or set failSwapOn of the KubeletConfiguration to false',
      commands: ['swapoff -a', 'systemctl restart kubelet'],
    };
  }
  if (/parse kubelet flag|unknown flag|invalid argument|initial flags/.test(reason))
    return { kind: 'kubelet-arguments' };
  if (/kubelet config|kubelet configuration|config file|feature gate|quantities must match/.test(reason)) {
    return { kind: 'kubelet-configuration' };
  }
  return {
    kind: 'steps',
    text: 'Correct the fault that the kubelet names (`journalctl -xeu kubelet` shows its whole output)',
    commands: ['journalctl -xeu kubelet'],
  };
}
