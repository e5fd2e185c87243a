/** General rules for components that run, but do not work. */
import type { ComponentFacts, EndedRun, Facts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { lastWords, repeatedFault } from '../logs/last-words.ts';
import { times } from '../times.ts';
import { endedByItself } from './ended-component.ts';
import { healthOf, isHealthy } from './health.ts';

/** A healthy component needs less, also on a slow machine with a fault in its log that heals. */
const patienceMs = 15_000;

export const repeatedFaultInLog: Rule = {
  name: 'runs-with-fault',
  title: 'A component runs, but repeats a fault',
  proof:
    'It runs for 15 s, its health endpoint does not report health, and its log repeats a fault that lasts, such as a certificate that it does not trust.',
  cure: 'Correct the fault that its log repeats.',
  find: (facts) =>
    (facts.components ?? []).flatMap(({ name, runningLog, runsForMs = 0, state }): readonly Finding[] => {
      if (state !== 'running' || runningLog === undefined || healthOf(facts, name)?.isHealthy !== false)
        return [];
      const fault = repeatedFault(runningLog);
      if (fault === undefined) return [];
      return [
        {
          code: 'container-failed',
          component: name,
          certainty: runsForMs >= patienceMs ? 'certain' : 'likely',
          summary: `${name} runs, but is not healthy: ${fault.reason}`,
          evidence: fault.evidence,
          remedy: { kind: 'named-fault', component: name },
        },
      ];
    }),
};

/** With the probes that kubeadm writes, the kubelet ends no component sooner. */
const shortestProbeMs = 30_000;

function isKilled(run: EndedRun): boolean {
  const isAsked = run.exitCode === 0 || run.exitCode > 128;
  return isAsked && run.reason !== 'OOMKilled' && !endedByItself(run);
}

export const killedFromOutside: Rule = {
  name: 'killed',
  title: 'A component is killed again and again',
  proof:
    'A signal ended it three times, and it is not healthy now. The kubelet does this if its liveness or startup probe fails. If it ran for less than 30 s each time, twice are enough and end the wait, because the probes of kubeadm wait longer.',
  cure: 'Correct its probe, or find out why the component is slow or not healthy.',
  find: (facts) =>
    (facts.components ?? []).flatMap(({ exits, name, runs }): readonly Finding[] => {
      const run = runs.at(-1);
      if (run === undefined || !isKilled(run)) return [];
      // A machine that starts again ends its components in the same way.
      if (isHealthy(facts, name)) return [];
      const short = runs.filter((one) => isKilled(one) && one.ranMs > 0 && one.ranMs < shortestProbeMs);
      const lacksMemory =
        facts.machine?.memoryKills.some((line) => line.includes(`(${name.slice(0, 15)}`)) ?? false;
      const isProbe = short.length >= 2 && short.length === runs.length && !lacksMemory;
      if (exits < 3 && !isProbe) return [];
      return [
        {
          code: 'container-failed',
          component: name,
          certainty: isProbe ? 'certain' : 'likely',
          exitCode: run.exitCode,
          summary: `${name} was killed ${times(exits)} from outside (exit code ${run.exitCode}), as the kubelet does if its probe fails${isProbe ? `; it ran for ${Math.round(run.ranMs / 1000)} s only, so its startup or liveness probe is wrong` : ''}`,
          evidence: run.log.slice(-3),
          remedy: {
            kind: 'steps',
            text: `Find out why ${name} is slow or not healthy (\`journalctl -u kubelet\` names the probe that failed)`,
            commands: ['journalctl -u kubelet | grep -i probe'],
          },
          ...(run.endedAt === undefined ? {} : { since: run.endedAt }),
        },
      ];
    }),
};

export const notHealthy: Rule = {
  name: 'not-healthy',
  title: 'A component is not healthy',
  isSymptom: true,
  proof: 'Its health endpoint reports a failure, or does not answer.',
  cure: 'Look at the log of the component.',
  find: (facts) =>
    (facts.machine?.health ?? [])
      .filter(({ isHealthy }) => !isHealthy)
      .map(({ answer, component, url }) => ({
        code: component === 'kubelet' ? 'kubelet-failed' : 'control-plane-unhealthy',
        component,
        certainty: 'likely',
        summary: `${component === 'kubelet' ? 'the kubelet' : component} is not healthy at ${url}: ${answer}`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text:
            component === 'kubelet'
              ? 'Look at the kubelet with `systemctl status kubelet` and `journalctl -xeu kubelet`'
              : `Look at the log of ${component} (\`crictl ps -a --name ${component}\`, \`crictl logs CONTAINERID\`)`,
          commands:
            component === 'kubelet' ? ['journalctl -xeu kubelet'] : [`crictl ps -a --name ${component}`],
        },
      })),
};

/** The kubelet has started the container of a new sandbox by then, unless it waits for an image. */
const startMs = 30_000;

export const notRunning: Rule = {
  name: 'component-not-running',
  title: 'A component has no running container',
  proof:
    'Its manifest is on this machine, the kubelet runs, and the runtime has no running container of it, for 30 s after the start of its Pod. Its last messages do not name another component.',
  cure: 'Look at the kubelet and at the container.',
  find: (facts) =>
    facts.kubelet?.state !== 'active' || facts.runtime?.error !== undefined
      ? []
      : (facts.components ?? []).filter((one) => isUnexplained(facts, one)).map(finding),
};

/** Another rule knows more of a Pod whose sandbox fails, and of a component that waits for another one. */
function isUnexplained(
  { podFailures = [], sandboxes }: Facts,
  { name, runs, sandboxForMs = startMs, state }: ComponentFacts,
): boolean {
  if (state === 'running' || (sandboxForMs < startMs && runs.length === 0)) return false;
  const isOf = ({ pod }: { readonly pod: string }): boolean => pod.includes(`/${name}`);
  if (sandboxes.some(isOf) || podFailures.some(isOf)) return false;
  return lastWords(runs.at(-1)?.log ?? [])?.waitsForAnother !== true;
}

function finding({ name, state }: ComponentFacts): Finding {
  const what = state === 'no-sandbox' ? 'sandbox' : 'running container';
  return {
    code: 'container-failed',
    component: name,
    certainty: 'likely',
    summary: `${name} does not run: ${state === 'exited' ? 'its container has ended' : `the container runtime has no ${what} of it`}`,
    evidence: [],
    remedy: {
      kind: 'steps',
      text: `Look at the kubelet (\`journalctl -xeu kubelet\`) and at the container (\`crictl ps -a --name ${name}\`)`,
      commands: ['journalctl -xeu kubelet', `crictl ps -a --name ${name}`],
    },
  };
}
