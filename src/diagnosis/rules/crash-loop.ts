import { type Rule, sameAgain } from '../cause.ts';
import type { ComponentFacts, EndedRun } from '../facts.ts';
import { signature } from '../klog.ts';
import { lastWords } from '../last-words.ts';

const shortRunMs = 10_000;

export const crashLoop: Rule = {
  name: 'crash-loop',
  title: 'A container keeps exiting',
  proof:
    'It ended three times with an error of its own, each time within 10 s of its start: not by a signal, not because the kubelet was stopped, and not for want of another component. Two times are enough if both times it names a fault that lasts, such as a full disk or a certificate of another authority.',
  remedy: 'Correct what its last words name.',
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
        advice: `Correct what its last words name (its manifest is /etc/kubernetes/manifests/${name}.yaml), ${sameAgain}`,
      };
    }
    return undefined;
  },
};

function isCrashing({ exits, runs }: ComponentFacts): boolean {
  return exits >= 3 && runs.every((run) => endedByItself(run) && run.ranMs < shortRunMs && !waits(run));
}

/** A client that cannot trust its server tries for a while before it ends: such runs are longer. */
function repeatsFault(runs: readonly EndedRun[]): boolean {
  const [before, last] = runs.slice(-2).map((run) => (endedByItself(run) ? lastWords(run.log) : undefined));
  if (before === undefined || last === undefined || !last.isLasting) return false;
  return signature(before.reason) === signature(last.reason);
}

function endedByItself({ exitCode, message, reason }: EndedRun): boolean {
  const bySignal = exitCode > 128 && reason !== 'OOMKilled';
  // A kubelet that was stopped meanwhile has taken its start back.
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
