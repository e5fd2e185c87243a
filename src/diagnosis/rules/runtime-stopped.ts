import type { RuntimeFacts, UnitFacts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { criPluginFault } from '../logs/cri-plugin.ts';
import { lastWords } from '../logs/last-words.ts';
import { hungRuntimeMs } from '../process-facts.ts';

/** A runtime that was stopped for a moment, to be started again by a script, answers again sooner. */
const stoppedMs = 3_000;
/** The unit of containerd waits for 5 s before it starts its program again, which then reads all its containers. */
const restartMs = 20_000;
/** A program that has ended with an exit code most often does so again, but one start after these 5 s may cure it. */
const retryMs = 12_000;
/** The runtime runs and hangs. */
const hangsMs = 60_000;

/** What systemd writes about the unit. */
const ofSystemd =
  /^\S+\.service: |^(?:Starting|Started|Failed to start|Stopping|Stopped|Reloading|Reloaded) \S+\.service\b/;

export const runtimeStopped: Rule = {
  name: 'runtime-stopped',
  title: 'The container runtime does not answer',
  proof:
    'It has not answered for 3 s (for 20 s if systemd starts or ends it just then, or for 12 s if it failed with an exit code before) and its unit does not run or its process is stopped, or it has not answered for 5 s in which its process used no processor time, or for a minute.',
  cure: 'Repair and start the container runtime.',
  find: ({ criSocket, runtime }) => {
    if (runtime?.error === undefined) return [];
    const { process, service, silentMs, unit } = runtime;
    const isStopped = unit !== undefined && unit.state !== 'active';
    const hangs = process?.isStopped === true || (process?.idleMs ?? 0) >= hungRuntimeMs;
    const neededMs = unit === undefined ? stoppedMs : patienceMs(unit);
    const isCertain = ((isStopped || hangs) && silentMs >= neededMs) || silentMs >= hangsMs;
    const name = service ?? 'its service';
    const { evidence, reason } = silenceOf(runtime, 'its unit');
    const why = [...(isStopped ? [] : [runtime.error]), ...(reason === undefined ? [] : [reason])].join(': ');
    return [
      {
        code: 'cri',
        component: service ?? 'container runtime',
        certainty: isCertain ? 'certain' : 'likely',
        summary: `the container runtime ${service === undefined ? '' : `${service} `}does not answer at ${criSocket}: ${why}`,
        evidence,
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

export interface Silence {
  /**
   * The state of the unit with the last words of the runtime, or why a runtime that runs does not know the call. Undefined
   * if no more is known than the error of the call.
   */
  readonly reason: string | undefined;
  readonly evidence: readonly string[];
}

/**
 * Why a runtime does not answer.
 *
 * @param name what the reason calls the unit
 */
export function silenceOf(runtime: RuntimeFacts, name: string): Silence {
  const { error = '', log, unit } = runtime;
  if (unit === undefined || unit.state === 'active') {
    return { reason: withoutCri(error, log), evidence: [] };
  }
  // The last words of a runtime that was stopped are not a reason.
  const hasFailed = unit.result !== 'success';
  const words = hasFailed ? lastWords(log.filter((line) => !ofSystemd.test(line))) : undefined;
  const reason = `${name} is ${stateOf(unit)}${words === undefined ? '' : `: ${words.reason}`}`;
  return { reason, evidence: words?.evidence ?? [] };
}

function withoutCri(error: string, log: readonly string[]): string | undefined {
  if (!/unimplemented/.test(error)) return undefined;
  const fault = criPluginFault(log);
  return fault === undefined
    ? 'its CRI plug-in is disabled or could not be loaded (disabled_plugins in its configuration)'
    : `its CRI plug-in could not be loaded: ${fault}`;
}

/** The time that a unit has to heal by itself. It has more if systemd starts or ends it just now. */
function patienceMs({ load, result, state }: UnitFacts): number {
  if (load !== 'loaded' || !/^(?:activating|deactivating|reloading)$/.test(state)) return stoppedMs;
  return result === 'exit-code' ? retryMs : restartMs;
}

function stateOf({ exitCode, load, result, state }: UnitFacts): string {
  if (load !== 'loaded') return load;
  const code = exitCode === 0 ? '' : `, exit code ${exitCode}`;
  return `${state}${result === '' || result === 'success' ? '' : ` (${result}${code})`}`;
}
