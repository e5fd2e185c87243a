import type { ComponentFacts, Facts, HealthFacts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { healthOf } from './health.ts';

/** A component that has just started does not listen yet. */
const patienceMs = 5_000;

export const portBlocked: Rule = {
  name: 'port-blocked',
  title: 'A component listens, but connections to it get no answer',
  proof:
    'It has run for 5 s and listens on its port. Connections to the port from the same machine are neither accepted nor refused for 2 s. The kernel accepts them by itself, even if the component is busy.',
  cure: 'Correct the firewall of the machine.',
  find: (facts) =>
    silentComponents(facts).flatMap(({ component, health }): readonly Finding[] => {
      const { host, port } = new URL(health.url);
      if (facts.listeners?.some((one) => one.port === Number(port)) !== true) return [];
      return [finding(component, { address: host, port })];
    }),
};

/** The components of which the rule needs to know whether they listen. */
export function silentComponents({
  components = [],
  machine,
}: Pick<Facts, 'components' | 'machine'>): readonly {
  readonly component: ComponentFacts;
  readonly health: HealthFacts;
}[] {
  return components.flatMap((component) => {
    const health = healthOf({ machine }, component.name);
    if (health?.isSilent !== true || (component.runsForMs ?? 0) < patienceMs) return [];
    return [{ component, health }];
  });
}

interface Place {
  readonly address: string;
  readonly port: string;
}

function finding({ name }: ComponentFacts, { address, port }: Place): Finding {
  return {
    code: 'net',
    component: name,
    certainty: 'certain',
    summary: `${name} listens on port ${port}, but connections to ${address} get no answer: a firewall of this machine drops them`,
    evidence: [],
    remedy: {
      kind: 'steps',
      text: `Let the firewall of this machine accept connections to port ${port}`,
      commands: ['nft list ruleset', 'iptables-save', `crictl ps --name ${name}`],
    },
  };
}
