/** The instants at which a run of kubeadm is interrupted: the start or end of a phase, or a time after the start. */
import type { RecordedEvent } from '../../src/events.ts';

/** The start or end of a phase comes from the events of the run. */
export type Instant = PhaseInstant | { readonly milliseconds: number };

export interface PhaseInstant {
  readonly phase: string;
  readonly moment: 'start' | 'end';
}

/** The instants of one round: one of an init or join, and one of the following reset. */
export interface Round {
  readonly run: Instant;
  readonly reset: Instant;
}

/** The course of an undisturbed run and of the reset after it. */
export interface Course {
  readonly run: CommandCourse;
  readonly reset: CommandCourse;
}

export interface CommandCourse {
  readonly milliseconds: number;
  readonly instants: readonly PhaseInstant[];
}

export function describeInstant(instant: Instant): string {
  return 'phase' in instant
    ? `at the ${instant.moment} of ${instant.phase}`
    : `after ${instant.milliseconds} ms`;
}

/** Start and end of each phase without children, with the full names in the events. */
export function instantsIn(events: readonly RecordedEvent[]): readonly PhaseInstant[] {
  const started = events.flatMap(({ event }) => (event.type === 'phase-started' ? [event.phase] : []));
  return started
    .filter((phase) => !started.some((other) => other.startsWith(`${phase}/`)))
    .flatMap((phase) => [
      { phase, moment: 'start' as const },
      { phase, moment: 'end' as const },
    ]);
}

/** Whether a kill at that instant of an init or join always comes before the end of the run. */
export function mustLand(instant: Instant): boolean {
  if (!('phase' in instant)) return false;
  return instant.phase !== 'report-joined' && !(instant.phase === 'finish-run' && instant.moment === 'end');
}

/**
 * One round for each instant of the phases of the run whose full name matches. The instants of `reset` rotate.
 *
 * @throws Error if the pattern matches no phase
 */
export function phaseRounds({ run, reset }: Course, pattern = /^/): readonly Round[] {
  const rounds = run.instants
    .map((instant, index) => ({
      run: instant,
      reset: reset.instants[index % reset.instants.length] ?? { milliseconds: 0 },
    }))
    .filter((round) => pattern.test(round.run.phase));
  if (rounds.length === 0) throw new Error(`no phase has a name that matches ${pattern.source}`);
  return rounds;
}

/** Random instants of a whole run of each command. */
export function randomRounds({ run, reset }: Course, count: number, seed: number): readonly Round[] {
  const next = randomFrom(seed);
  return Array.from({ length: count }, () => ({
    run: { milliseconds: Math.round(next() * run.milliseconds) },
    reset: { milliseconds: Math.round(next() * reset.milliseconds) },
  }));
}

/** The requested number of different rounds of `phaseRounds`, in which the kill always comes before the end. */
export function randomPhaseRounds(course: Course, count: number, seed: number): readonly Round[] {
  const next = randomFrom(seed);
  return phaseRounds(course)
    .filter(({ run }) => mustLand(run))
    .map((round) => ({ round, rank: next() }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ round }) => round);
}

/** Returns numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
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
