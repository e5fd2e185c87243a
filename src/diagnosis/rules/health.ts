/** Questions about the health of a component of this machine, which several rules ask. */
import type { HealthFacts, MachineFacts } from '../facts.ts';

interface Seen {
  readonly machine?: MachineFacts | undefined;
}

/** Undefined for a component that is not on this machine, or that was not asked. */
export function healthOf({ machine }: Seen, name: string): HealthFacts | undefined {
  return machine?.health.find(({ component }) => component === name);
}

/** Whether the component is on this machine and has answered that it is healthy. */
export function isHealthy(seen: Seen, name: string): boolean {
  return healthOf(seen, name)?.isHealthy === true;
}
