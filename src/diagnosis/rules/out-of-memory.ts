import type { Finding, Rule } from '../finding.ts';
import { times } from '../times.ts';

export const outOfMemory: Rule = {
  name: 'out-of-memory',
  title: 'A component runs out of memory and is killed',
  proof:
    'The runtime reports OOMKilled for its last run, and it ended twice; or systemd reports it for the kubelet.',
  cure: 'Raise the memory limit of the component, or give the machine more memory.',
  find: ({ components, kubelet, machine }) => {
    const killed = (components ?? []).flatMap(({ exits, name, runs }): readonly Finding[] => {
      const run = runs.at(-1);
      if (run?.reason !== 'OOMKilled' || exits < 2) return [];
      return [
        {
          code: 'container-failed',
          component: name,
          certainty: 'certain',
          exitCode: run.exitCode,
          summary: `${name} runs out of memory and is killed (OOMKilled, ${times(exits)}, exit code ${run.exitCode})`,
          evidence: kernelLines(machine?.memoryKills, name),
          remedy: {
            kind: 'steps',
            text: `Raise or remove the memory limit of ${name}, or give the machine more memory`,
            commands: [],
          },
          ...(run.endedAt === undefined ? {} : { since: run.endedAt }),
        },
      ];
    });
    if (kubelet?.unit?.result !== 'oom-kill') return killed;
    return [kubeletKilled(kubelet.exitsEver, machine?.memoryKills), ...killed];
  },
};

function kubeletKilled(exits: number, kills: readonly string[] | undefined): Finding {
  return {
    code: 'kubelet-failed',
    component: 'kubelet',
    certainty: exits >= 2 ? 'certain' : 'likely',
    summary: `the kubelet runs out of memory and is killed (oom-kill, ${times(exits)})`,
    evidence: kernelLines(kills, 'kubelet'),
    remedy: {
      kind: 'steps',
      text: 'Give the machine more memory, or raise the memory limit of kubelet.service',
      commands: ['systemctl restart kubelet'],
    },
  };
}

/** The kernel shows at most 15 characters of a name. */
function kernelLines(kills: readonly string[] | undefined, name: string): readonly string[] {
  return (kills ?? []).filter((line) => line.includes(`(${name.slice(0, 15)}`)).slice(-1);
}
