import type { RuntimeFacts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { lastWords } from '../logs/last-words.ts';

/** A runtime that was restarted answers again sooner. */
const stoppedMs = 3_000;
/** The runtime runs and hangs. */
const hangsMs = 60_000;

/** What systemd writes about the unit. */
const ofSystemd =
  /^\S+\.service: |^(?:Starting|Started|Failed to start|Stopping|Stopped|Reloading|Reloaded) \S+\.service\b/;

export const runtimeStopped: Rule = {
  name: 'runtime-stopped',
  title: 'The container runtime does not answer',
  proof: 'It has not answered for 3 s and its unit does not run, or it has not answered for a minute.',
  cure: 'Repair and start the container runtime.',
  find: ({ criSocket, runtime }) => {
    if (runtime?.error === undefined) return [];
    const { error, log, service, silentMs, unit } = runtime;
    const isStopped = unit !== undefined && unit.state !== 'active';
    const isCertain = (isStopped && silentMs >= stoppedMs) || silentMs >= hangsMs;
    const name = service ?? 'its service';
    // The last words of a runtime that was stopped are not a reason.
    const hasFailed = isStopped && unit.result !== 'success';
    const words = hasFailed ? lastWords(log.filter((line) => !ofSystemd.test(line))) : undefined;
    const reason = isStopped ? `its unit is ${stateOf(runtime)}` : error;
    return [
      {
        code: 'cri',
        component: service ?? 'container runtime',
        certainty: isCertain ? 'certain' : 'likely',
        summary: `the container runtime ${service === undefined ? '' : `${service} `}does not answer at ${criSocket}: ${reason}${words === undefined ? '' : `: ${words.reason}`}`,
        evidence: words?.evidence ?? [],
        remedy: {
          kind: 'steps',
          text: `Repair and start the container runtime (\`systemctl status ${name}\`, \`journalctl -u ${name}\`)`,
          commands: [`systemctl restart ${name}`, `journalctl -u ${name}`],
        },
        ...(unit?.since === undefined || !isStopped ? {} : { since: unit.since }),
      } satisfies Finding,
    ];
  },
};

function stateOf({ unit }: RuntimeFacts): string {
  if (unit === undefined) return 'unknown';
  if (unit.load !== 'loaded') return unit.load;
  const code = unit.exitCode === 0 ? '' : `, exit code ${unit.exitCode}`;
  return `${unit.state}${unit.result === '' || unit.result === 'success' ? '' : ` (${unit.result}${code})`}`;
}
