/** The form of an example, and the parts that several of them share. */
import { facts, machine, running } from '../../../src/diagnosis/facts.fixture.ts';
import type { Facts, MachineFacts, UnitFacts } from '../../../src/diagnosis/facts.ts';

export interface Example {
  /** Whole sentences. */
  readonly symptom: string;
  readonly facts: Facts;
}

/** Examples by the name of the rule. */
export type Examples = Readonly<Record<string, Example>>;

export const now = Date.parse('2026-01-02T03:04:05Z');
export const timesOut = 'The wait for the control plane ends with a timeout.';

export const onMachine = (changes: Partial<MachineFacts>, more: Partial<Facts> = {}): Facts =>
  facts({ elapsedMs: 60_000, components: running, machine: machine({ now, ...changes }), ...more });

export const unit: UnitFacts = { load: 'loaded', state: 'active', result: 'success', exitCode: 0 };

export const unhealthy = (component: string, answer: string): MachineFacts['health'] => [
  { component, url: 'https://127.0.0.1:10259/livez', isHealthy: false, answers: true, answer },
];
