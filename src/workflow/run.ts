import { checkOrder } from './order.ts';
import { flattenPhases, type OrderedPhase, visibleName } from './phase.ts';
import { type Execute, schedule } from './schedule.ts';

export interface RunOptions<Event, Scope = undefined> {
  /** Full names of the phases that run: the result of `selectPhases`. */
  readonly selected: ReadonlySet<string>;
  /** Values that the phases share besides the input. Their creator closes them. */
  readonly scope: Scope;
  /** Receives each event with the full name of its phase, as it happens. */
  readonly record: (event: Event, phase: string) => void;
  /** If a listener throws, the run ends as if that phase had failed. */
  readonly onStart?: (phase: string) => void;
  readonly onEnd?: (phase: string, error?: unknown) => void;
  /** Aborted if the caller interrupts the run. */
  readonly signal: AbortSignal;
  /** Work that can end the run early. */
  readonly companion?: Companion;
}

/** Work beside phases. If it fails, the run ends as if a phase had failed. */
export interface Companion {
  /** Full names of the phases. The work starts with the first of them that starts, and ends with the run. */
  readonly beside: ReadonlySet<string>;
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** The message of a failure in the name of a phase; defaults to that of the error. */
  readonly describe?: (phase: string, error: unknown) => string;
  /** Called with the full name of the phase in whose name the run fails. */
  readonly onFailure?: (phase: string, error: unknown) => void;
}

/** The phase that failed first, with the name that users know. */
export class PhaseFailure extends Error {
  override readonly name = 'PhaseFailure';
  readonly phase: string;
  /** Visible phases after it in the list that had already ended. Their results stay. */
  readonly endedBeyond: readonly string[];
  /** The full name of the phase, which can be hidden. */
  readonly fullName: string;

  constructor(fullName: string, cause: unknown, shown: Pick<PhaseFailure, 'phase' | 'endedBeyond'>) {
    const { phase, endedBeyond } = shown;
    super(phaseFailureMessage(phase, cause), { cause });
    this.phase = phase;
    this.endedBeyond = endedBeyond;
    this.fullName = fullName;
  }
}

/** @param phase the name that users know */
export function phaseFailureMessage(phase: string, cause: unknown): string {
  return `error execution phase ${phase}: ${cause instanceof Error ? cause.message : String(cause)}`;
}

/**
 * Runs the selected phases: each after the one before it in the list, or after those in its `after`. If one fails, the
 * signals of the others are aborted, and this function waits for their calls in flight.
 *
 * @throws PhaseFailure; the errors of `checkOrder`, before anything runs
 */
export async function runPhases<I, H, E, S>(
  phases: readonly OrderedPhase<I, H, E, string, S>[],
  input: I,
  host: H,
  options: RunOptions<E, S>,
): Promise<void> {
  checkOrder(phases);
  const failures = firstFailure();
  const signal = AbortSignal.any([options.signal, failures.signal]);
  const done = new Set<string>();
  const running = new Set<string>();
  const finished = new AbortController();
  const named = flattenPhases(phases);
  const accompany = startWith(options.companion, {
    names: named.map(({ fullName }) => fullName),
    running,
    failures,
    signal: AbortSignal.any([signal, finished.signal]),
  });
  const ended = (fullName: string, ...error: readonly unknown[]): void => {
    try {
      options.onEnd?.(fullName, ...error);
    } catch (broken) {
      failures.note({ fullName, cause: broken });
      failures.stopOthers(broken);
    }
  };
  // It never rejects, because a rejection would go unhandled if no later phase waits for this one.
  const execute: Execute<I, H, E, S> = async (fullName, phase, limitsStart) => {
    if (!options.selected.has(fullName) || phase.run === undefined || signal.aborted) return;
    const emit = (event: E): void => options.record(event, fullName);
    try {
      options.onStart?.(fullName);
      running.add(fullName);
      accompany(fullName);
      await phase.run(input, host, { emit, signal, limitsStart, scope: options.scope });
    } catch (error) {
      // An aborted phase ends with the failure of another phase.
      const isStopped = failures.signal.aborted && isDueTo(error, failures.signal.reason);
      if (!isStopped) failures.note({ fullName, cause: error });
      ended(fullName, error);
      if (!isStopped) failures.stopOthers(error);
      return;
    } finally {
      running.delete(fullName);
    }
    done.add(fullName);
    ended(fullName);
  };
  await schedule(phases, execute);
  finished.abort();
  const listed = named.filter(
    ({ fullName, phase }) => options.selected.has(fullName) && phase.run !== undefined,
  );
  const names = listed.map(({ fullName }) => fullName);
  const failure = failures.first();
  if (failure !== undefined) {
    const { cause, fullName } = failure;
    throw new PhaseFailure(fullName, cause, shownFailure(phases, { fullName, names, done }));
  }
  if (names.some((name) => !done.has(name))) options.signal.throwIfAborted();
}

interface Failure {
  readonly fullName: string;
  readonly cause: unknown;
}

interface FirstFailure {
  /** Keeps the failure if it is the first one. */
  readonly note: (failure: Failure) => void;
  readonly first: () => Failure | undefined;
  readonly stopOthers: (reason: unknown) => void;
  /** Aborted by `stopOthers`. */
  readonly signal: AbortSignal;
}

function firstFailure(): FirstFailure {
  const stop = new AbortController();
  let first: Failure | undefined;
  return {
    note: (failure) => {
      first ??= failure;
    },
    first: () => first,
    stopOthers: (reason) => stop.abort(reason),
    signal: stop.signal,
  };
}

interface Accompanied {
  /** Full names of all phases, in list order. */
  readonly names: readonly string[];
  readonly running: ReadonlySet<string>;
  readonly failures: FirstFailure;
  /** Aborted at the end of the run. */
  readonly signal: AbortSignal;
}

/** The returned function is called at the start of each phase, and starts the companion with the first of its phases. */
function startWith(
  companion: Companion | undefined,
  { failures, names, running, signal }: Accompanied,
): (fullName: string) => void {
  let isStarted = false;
  return (fullName) => {
    if (companion === undefined || isStarted || !companion.beside.has(fullName)) return;
    isStarted = true;
    companion.run(signal).catch((error: unknown) => {
      if (signal.aborted) return;
      // Several phases may run. The run fails in the name of the first one in the list.
      const blamed = names.find((name) => running.has(name) && companion.beside.has(name)) ?? fullName;
      failures.note({ fullName: blamed, cause: error });
      companion.onFailure?.(blamed, error);
      failures.stopOthers(error);
    });
  };
}

interface Ended {
  readonly fullName: string;
  /** Full names of all phases of the run, in list order. */
  readonly names: readonly string[];
  readonly done: ReadonlySet<string>;
}

/** A hidden phase counts as the one that users know, which has ended when all of its children have. */
function shownFailure<I, H, E, S>(
  phases: readonly OrderedPhase<I, H, E, string, S>[],
  { done, fullName, names }: Ended,
): Pick<PhaseFailure, 'phase' | 'endedBeyond'> {
  const visible = (name: string): string => visibleName(phases, name);
  const unfinished = new Set(names.filter((name) => !done.has(name)).map(visible));
  const beyond = names.slice(names.indexOf(fullName) + 1).filter((name) => done.has(name));
  return {
    phase: visible(fullName),
    endedBeyond: [...new Set(beyond.map(visible))].filter((name) => !unfinished.has(name)),
  };
}

/** Whether the error is the reason, wraps it, or reports an aborted call. */
export function isDueTo(error: unknown, reason: unknown): boolean {
  if (error === reason) return true;
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || isDueTo(error.cause, reason);
}
