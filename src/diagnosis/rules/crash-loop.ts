import { type Rule, sameAgain } from '../cause.ts';
import type { ComponentFacts, EndedRun } from '../facts.ts';
import { signature } from '../klog.ts';
import { lastWords } from '../last-words.ts';

const shortRunMs = 10_000;

export const crashLoop: Rule = {
  name: 'crash-loop',
  title: 'A container keeps exiting',
  proof:
    'It ended three times with its own error, each time within 10 s of its start. Ends by a signal, because the kubelet was stopped, or because another component does not answer do not count. Two times are enough if both times it names a fault that lasts, such as a full disk or a certificate of another authority.',
  remedy: 'Correct the fault that its last messages name.',
  find: (facts) => {
    for (const component of facts.components ?? []) {
      const { exits, name, runs } = component;
      const run = runs.at(-1);
      if (run === undefined || !(isCrashing(component) || repeatsFault(runs))) continue;
      const words = lastWords(run.log);
      return {
        code: 'container-failed',
        component: name,
        exitCode: run.exitCode,
        summary: `${name} keeps exiting: ${exits} times, last with exit code ${run.exitCode}${why(run)}`,
        evidence: words?.evidence ?? [],
        advice: adviceFor(name, words?.reason ?? ''),
      };
    }
    return undefined;
  },
};

function adviceFor(component: string, reason: string): string {
  if (reason.includes('cannot assign requested address')) {
    return (
      'The address is not an address of this machine. If it is localAPIEndpoint.advertiseAddress, correct it, run ' +
      '`kubeadm reset`, because the certificates hold the old address, and then run `kubeadm init` again. If it comes ' +
      `from an argument of ${component}, correct the argument, ${sameAgain}`
    );
  }
  return `Correct the fault that its last messages name (its manifest is /etc/kubernetes/manifests/${component}.yaml), ${sameAgain}`;
}

function isCrashing({ exits, runs }: ComponentFacts): boolean {
  return exits >= 3 && runs.every((run) => endedByItself(run) && run.ranMs < shortRunMs && !waits(run));
}

/** Such runs can be longer than others, because a client that does not trust its server tries for a while. */
function repeatsFault(runs: readonly EndedRun[]): boolean {
  const [before, last] = runs.slice(-2).map((run) => (endedByItself(run) ? lastWords(run.log) : undefined));
  if (before === undefined || last === undefined || !last.isLasting) return false;
  return signature(before.reason) === signature(last.reason);
}

function endedByItself({ exitCode, message, reason }: EndedRun): boolean {
  const bySignal = exitCode > 128 && reason !== 'OOMKilled';
  // A kubelet that was stopped meanwhile has cancelled the start.
  const wasCalledOff = reason === 'StartError' && message.includes('context canceled');
  return exitCode !== 0 && !bySignal && !wasCalledOff;
}

function waits({ log }: EndedRun): boolean {
  return lastWords(log)?.waitsForAnother === true;
}

function why({ log, message, reason }: EndedRun): string {
  const runtime = [reason === 'Error' ? '' : reason, message].filter((part) => part !== '').join(': ');
  const own = lastWords(log)?.reason;
  return `${runtime === '' ? '' : ` (${runtime})`}${own === undefined ? '' : `: ${own}`}`;
}
