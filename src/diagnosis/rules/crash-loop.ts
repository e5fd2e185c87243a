import { type Rule, sameAgain, tail, waitsForAnother } from '../cause.ts';
import type { EndedRun } from '../facts.ts';

const shortRunMs = 10_000;

export const crashLoop: Rule = {
  name: 'crash-loop',
  title: 'A container keeps exiting',
  proof:
    'It ended three times with an error of its own, each time within 10 s of its start: not by a signal, not because the kubelet was stopped, and not for want of another component.',
  remedy: 'Correct what the last lines of its log name.',
  find: (facts) => {
    for (const { exits, name, runs } of facts.components ?? []) {
      const run = runs.at(-1);
      if (exits < 3 || run === undefined || !runs.every(failedByItself)) continue;
      return {
        code: 'container-failed',
        component: name,
        exitCode: run.exitCode,
        summary: `${name} keeps exiting: ${exits} times, last with exit code ${run.exitCode}${why(run)}`,
        evidence: tail(run.log),
        advice: `Look at the last lines of its log, correct what they name (what was written: /etc/kubernetes/manifests/${name}.yaml), ${sameAgain}`,
      };
    }
    return undefined;
  },
};

function failedByItself(run: EndedRun): boolean {
  const bySignal = run.exitCode > 128 && run.reason !== 'OOMKilled';
  // A kubelet that was stopped meanwhile has taken its start back.
  const wasCalledOff = run.reason === 'StartError' && run.message.includes('context canceled');
  const last = tail(run.log).join('\n');
  return (
    run.exitCode !== 0 && !bySignal && !wasCalledOff && run.ranMs < shortRunMs && !waitsForAnother.test(last)
  );
}

function why({ message, reason }: EndedRun): string {
  const text = [reason === 'Error' ? '' : reason, message].filter((part) => part !== '').join(': ');
  return text === '' ? '' : ` (${text})`;
}
