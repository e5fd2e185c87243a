/** The instants at which a run of kubeadm is interrupted: the start or end of a phase, or a time after the start. */
import { initPhases } from '../../src/phases/init/index.ts';
import { resetPhases } from '../../src/phases/reset/index.ts';
import { flattenPhases } from '../../src/workflow/phase.ts';

/** The start or end of a phase comes from the events of the run. */
export type Instant = PhaseInstant | { readonly milliseconds: number };

export interface PhaseInstant {
  readonly phase: string;
  readonly moment: 'start' | 'end';
}

/** The instants of one round: one of an init, and one of the following reset. */
export interface Round {
  readonly init: Instant;
  readonly reset: Instant;
}

export function describeInstant(instant: Instant): string {
  return 'phase' in instant
    ? `at the ${instant.moment} of ${instant.phase}`
    : `after ${instant.milliseconds} ms`;
}

/** Start and end of each phase that does something, with the full names in its events. */
function instantsOf(
  phases: readonly { readonly fullName: string; readonly phase: { readonly run?: unknown } }[],
): readonly PhaseInstant[] {
  return phases
    .filter(({ phase }) => phase.run !== undefined)
    .flatMap(({ fullName }) => [
      { phase: fullName, moment: 'start' as const },
      { phase: fullName, moment: 'end' as const },
    ]);
}

/** Whether a kill at that instant of `init` always comes before the end of the run. */
export function mustLand(instant: Instant): boolean {
  return 'phase' in instant && !(instant.phase === 'finish-run' && instant.moment === 'end');
}

/**
 * One round for each instant of the phases of `init` whose full name matches. The instants of `reset` rotate.
 *
 * @throws Error if the pattern matches no phase
 */
export function phaseRounds(pattern: RegExp): readonly (Round & { readonly init: PhaseInstant })[] {
  const ofReset = instantsOf(flattenPhases(resetPhases));
  const rounds = instantsOf(flattenPhases(initPhases))
    .map((init, index) => ({ init, reset: ofReset[index % ofReset.length] ?? { milliseconds: 0 } }))
    .filter(({ init }) => pattern.test(init.phase));
  if (rounds.length === 0) throw new Error(`no phase of init has a name that matches ${pattern.source}`);
  return rounds;
}

/** Random instants of a whole run of each command. */
export function randomRounds(
  count: number,
  seed: number,
  { initMs, resetMs }: { readonly initMs: number; readonly resetMs: number },
): readonly Round[] {
  const next = randomFrom(seed);
  return Array.from({ length: count }, () => ({
    init: { milliseconds: Math.round(next() * initMs) },
    reset: { milliseconds: Math.round(next() * resetMs) },
  }));
}

/** The requested number of different rounds of `phaseRounds`, in which the kill always comes before the end. */
export function randomPhaseRounds(count: number, seed: number): readonly Round[] {
  const next = randomFrom(seed);
  return phaseRounds(/^/)
    .filter(({ init }) => mustLand(init))
    .map((round) => ({ round, rank: next() }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ round }) => round);
}

/** Returns numbers in [0, 1), the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The seed in KILL_SEED, or a random one.
 *
 * @throws Error if KILL_SEED is not a whole number
 */
export function seedOf(environment: Readonly<Record<string, string | undefined>>): number {
  const given = environment.KILL_SEED;
  if (given === undefined || given === '') return Math.floor(Math.random() * 2 ** 31);
  if (!/^\d{1,10}$/.test(given)) throw new Error(`KILL_SEED=${given}: must be a whole number`);
  return Number(given);
}
