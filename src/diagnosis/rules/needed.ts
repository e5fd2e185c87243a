/** The component that another one needs, and whether that one has been there for long enough. */
import type { Facts, HealthFacts } from '../facts.ts';
import { healthOf } from './health.ts';

/** The component that each one connects to. */
const needs: Readonly<Record<string, string>> = {
  'kube-apiserver': 'etcd',
  'kube-controller-manager': 'kube-apiserver',
  'kube-scheduler': 'kube-apiserver',
};

/** A client connects within this time, because it waits longer after each try. */
export const connectMs = 20_000;

/** The component on this machine that another one needs; undefined if it is on other machines, or unknown. */
export function neededBy(component: string, facts: Pick<Facts, 'machine'>): HealthFacts | undefined {
  return healthOf(facts, needs[component] ?? '');
}

/** Whether the needed component is healthy and has run for at least this long. */
export function isReady(
  { component, isHealthy }: HealthFacts,
  { components = [] }: Facts,
  minimumMs: number,
): boolean {
  const runsForMs = components.find(({ name }) => name === component)?.runsForMs;
  return isHealthy && (runsForMs === undefined || runsForMs >= minimumMs);
}
