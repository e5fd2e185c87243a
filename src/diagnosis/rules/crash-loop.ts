import type { Rule } from '../finding.ts';
import { innermost } from '../logs/innermost.ts';
import { kernelLimit } from '../logs/kernel-limit.ts';
import type { Remedy } from '../remedy.ts';
import { times } from '../times.ts';
import { crashSignal, endings } from './ended-component.ts';
import { portTaken } from './port-taken.ts';

export const crashLoop: Rule = {
  name: 'crash-loop',
  title: 'A component keeps ending',
  proof:
    'It ended twice with the same error of its own within 10 s of its start, or twice with a fault that lasts, such as a full disk or a certificate of another authority. Once is enough if its program is for another processor, or an admission plug-in denies everything. Ends by a signal from outside, because the kubelet was stopped, or because another component does not answer do not count.',
  cure: 'Correct the fault that its last messages name.',
  find: (facts) => {
    // The earlier process of a component may still use its port, and ends soon.
    const waiting = portTaken.find(facts).filter(({ certainty }) => certainty === 'likely');
    return endings(facts)
      .filter(({ isRepeated }) => isRepeated)
      .filter(({ component: { name } }) => !waiting.some(({ component }) => component === name))
      .map(({ component: { exits, name }, reason, run, words }) => {
        const signal = crashSignal(run);
        const crash = `: its program crashes (${signal}), so it may be damaged`;
        const why = innermost(reason);
        return {
          code: 'container-failed',
          component: name,
          certainty: 'certain',
          exitCode: run.exitCode,
          summary: `${name} keeps ending (${times(exits)}, exit code ${run.exitCode})${why === '' ? ` without a message${signal === undefined ? '' : crash}` : `: ${why}`}`,
          evidence: words?.evidence ?? [],
          remedy: remedyOf(name, reason),
          ...(run.endedAt === undefined ? {} : { since: run.endedAt }),
        };
      });
  },
};

function remedyOf(component: string, reason: string): Remedy {
  if (reason.includes('cannot assign requested address')) return { kind: 'advertise-address', component };
  const limit = kernelLimit(reason);
  return limit === undefined
    ? { kind: 'named-fault', component }
    : { kind: 'kernel-limit', sysctl: limit.sysctl };
}
