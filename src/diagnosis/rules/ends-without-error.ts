import type { EndedRun } from '../facts.ts';
import type { Rule } from '../finding.ts';
import { lastWords } from '../logs/last-words.ts';
import { times } from '../times.ts';
import { isHealthy } from './health.ts';

/** No probe can end a container so soon. */
const atOnceMs = 2_000;
/** The kubelet keeps the container of the last run only, so a single look sees one run. */
const manyEnds = 2;
const asked = /shut ?down|shutting|stopp|signal|SIGTERM|terminat/i;

export const endsWithoutError: Rule = {
  name: 'ends-without-error',
  title: 'A component ends at once without an error',
  proof:
    'It ended twice within 2 s of its start with exit code 0, and its log does not mention a signal or a shutdown. It only prints something, such as its version or its help, or its command is another program.',
  cure: "Correct the component's `extraArgs`, or the patch that changes its command.",
  find: (facts) =>
    (facts.components ?? []).flatMap(({ exits, name, runs, state }) => {
      const run = runs.at(-1);
      if (run === undefined || state === 'running' || exits < manyEnds) return [];
      if (!runs.slice(-manyEnds).every(endedAtOnce) || isHealthy(facts, name)) return [];
      const [first = ''] = run.log;
      return [
        {
          code: 'container-failed',
          component: name,
          certainty: 'certain',
          exitCode: 0,
          summary: `${name} ends at once without an error (exit code 0, ${times(exits)}), because its arguments or its command do not start a server${first === '' ? '' : `: it prints "${first.slice(0, 120)}"`}`,
          evidence: lastWords(run.log)?.evidence ?? [],
          remedy: { kind: 'arguments', component: name },
          ...(run.endedAt === undefined ? {} : { since: run.endedAt }),
        },
      ];
    }),
};

function endedAtOnce({ exitCode, log, ranMs }: EndedRun): boolean {
  return exitCode === 0 && ranMs > 0 && ranMs < atOnceMs && !log.some((line) => asked.test(line));
}
