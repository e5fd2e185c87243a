import type { ComponentFacts, Facts, HealthFacts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';

/** A component that is about to serve listens before it answers. */
const patienceMs = 15_000;

export const portBlocked: Rule = {
  name: 'port-blocked',
  title: 'A component listens, but connections to it get no answer',
  proof:
    'It has run for 15 s and listens on its port, and a connection to the port from the same machine times out.',
  cure: 'Correct the firewall of the machine.',
  find: (facts) =>
    (facts.components ?? []).flatMap((component): readonly Finding[] => {
      const health = facts.machine?.health.find((one) => one.component === component.name);
      if (health === undefined || !timesOut(health) || (component.runsForMs ?? 0) < patienceMs) return [];
      const { host, port } = new URL(health.url);
      if (facts.listeners?.some((one) => one.port === Number(port)) !== true) return [];
      return [finding(component, host, port)];
    }),
};

function timesOut({ answer, answers }: HealthFacts): boolean {
  return !answers && /time[d -]*out|no answer|within \d/i.test(answer);
}

function finding({ name }: ComponentFacts, address: string, port: string): Finding {
  return {
    code: 'net',
    component: name,
    certainty: 'certain',
    summary: `${name} listens on port ${port}, but connections to ${address} get no answer: a firewall of this machine drops them, or ${name} hangs`,
    evidence: [],
    remedy: {
      kind: 'steps',
      text: `Let the firewall of this machine accept connections to port ${port}`,
      commands: ['nft list ruleset', 'iptables-save', `crictl ps --name ${name}`],
    },
  };
}

/** Whether the rule needs to know the programs that listen. */
export function maybeBlocked({ components, machine }: Pick<Facts, 'components' | 'machine'>): boolean {
  return (
    machine?.health.some(
      (health) =>
        timesOut(health) &&
        components?.some(({ name, runsForMs = 0 }) => name === health.component && runsForMs >= patienceMs),
    ) === true
  );
}
