import type { ComponentFacts, Facts, HealthFacts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';

/** A component that is about to serve listens before it answers. */
const patienceMs = 15_000;
/** A machine that is busy can be silent for some seconds. */
const silentMs = 10_000;

export const portBlocked: Rule = {
  name: 'port-blocked',
  title: 'A component listens, but connections to it get no answer',
  proof:
    'It has run for 15 s and listens on its port. For 10 s, connections to the port from the same machine get no answer, not even to a request that each server refuses at once.',
  cure: 'Correct the firewall of the machine.',
  find: (facts) =>
    silentComponents(facts).flatMap(({ component, health }): readonly Finding[] => {
      const { host, port } = new URL(health.url);
      if (facts.listeners?.some((one) => one.port === Number(port)) !== true) return [];
      const certainty = (health.silentMs ?? 0) >= silentMs ? 'certain' : 'likely';
      return [finding(component, { address: host, port, certainty })];
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
    const health = machine?.health.find((one) => one.component === component.name);
    if (health?.isSilent !== true || (component.runsForMs ?? 0) < patienceMs) return [];
    return [{ component, health }];
  });
}

interface Place extends Pick<Finding, 'certainty'> {
  readonly address: string;
  readonly port: string;
}

function finding({ name }: ComponentFacts, { address, certainty, port }: Place): Finding {
  return {
    code: 'net',
    component: name,
    certainty,
    summary: `${name} listens on port ${port}, but connections to ${address} get no answer: a firewall of this machine drops them, or ${name} hangs`,
    evidence: [],
    remedy: {
      kind: 'steps',
      text: `Let the firewall of this machine accept connections to port ${port}`,
      commands: ['nft list ruleset', 'iptables-save', `crictl ps --name ${name}`],
    },
  };
}
