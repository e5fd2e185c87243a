import { flattenPhases, type Phase } from './phase.ts';

export interface RunOptions<Event> {
  /** Full names that run: the result of `selectPhases`. */
  readonly selected: ReadonlySet<string>;
  /** Gets each event with the full name of its phase, as it happens. */
  readonly record: (event: Event, phase: string) => void;
  /** A listener that throws ends the run, as a failure of that phase. */
  readonly onStart?: (phase: string) => void;
  readonly onEnd?: (phase: string, error?: unknown) => void;
  /** The caller's own interruption. */
  readonly signal: AbortSignal;
}

/** The first phase in listed order that failed. */
export class PhaseFailure extends Error {
  override readonly name = 'PhaseFailure';
  readonly phase: string;
  /** Phases listed later that had ended by then: what they did stays done. */
  readonly endedBeyond: readonly string[];

  constructor(phase: string, cause: unknown, endedBeyond: readonly string[]) {
    super(`error execution phase ${phase}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.phase = phase;
    this.endedBeyond = endedBeyond;
  }
}

/**
 * Runs the selected phases: each after the one listed before it, or after those that its `after` names.
 * When one fails the others are told to stop, and calls in flight settle before this ends.
 *
 * @throws PhaseFailure
 */
export async function runPhases<I, H, E>(
  phases: readonly Phase<I, H, E>[],
  input: I,
  host: H,
  options: RunOptions<E>,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const ends = new Map<string, Promise<void>>();
  const failures = new Map<string, unknown>();
  const done: string[] = [];
  const listed = flattenPhases(phases);
  const order = listed.map(({ fullName }) => fullName);

  const ended = (fullName: string, ...error: readonly unknown[]): void => {
    try {
      options.onEnd?.(fullName, ...error);
    } catch (broken) {
      if (!failures.has(fullName)) failures.set(fullName, broken);
      stop.abort(broken);
    }
  };
  // It never rejects: nobody would hear of it where the next phase waits for others alone.
  const execute = async (fullName: string, phase: Phase<I, H, E>): Promise<void> => {
    if (!options.selected.has(fullName) || phase.run === undefined || signal.aborted) return;
    try {
      options.onStart?.(fullName);
      await phase.run(input, host, { emit: (event) => options.record(event, fullName), signal });
    } catch (error) {
      // Told to stop, a phase ends with the other one's failure: that is not its own.
      const stopped = stop.signal.aborted && isDueTo(error, stop.signal.reason);
      if (!stopped) failures.set(fullName, error);
      ended(fullName, error);
      if (!stopped) stop.abort(error);
      return;
    }
    done.push(fullName);
    ended(fullName);
  };

  const schedule = (list: readonly Phase<I, H, E>[], prefix: string, start: Promise<void>): Promise<void> => {
    let previous = start;
    let barrier = start;
    const all: Promise<void>[] = [start];
    for (const phase of list) {
      const fullName = prefix + phase.name;
      const wanted = phase.after?.map((name) => ends.get(name)).filter((promise) => promise !== undefined);
      const before = phase.exclusive ? [...all] : wanted === undefined ? [previous] : [barrier, ...wanted];
      const own = Promise.all(before).then(() => execute(fullName, phase));
      const whole = phase.children ? schedule(phase.children, `${fullName}/`, own) : own;
      ends.set(fullName, whole);
      all.push(whole);
      previous = Promise.all(all.slice()).then(() => undefined);
      if (phase.exclusive) barrier = whole;
    }
    return previous;
  };

  await schedule(phases, '', Promise.resolve());
  const failed = order.find((name) => failures.has(name));
  if (failed === undefined) {
    const isWanted = ({ fullName, phase }: (typeof listed)[number]): boolean =>
      options.selected.has(fullName) && phase.run !== undefined;
    if (listed.some((named) => isWanted(named) && !done.includes(named.fullName)))
      options.signal.throwIfAborted();
    return;
  }
  const position = order.indexOf(failed);
  throw new PhaseFailure(
    visibleName(phases, failed),
    failures.get(failed),
    done.filter((name) => order.indexOf(name) > position),
  );
}

/** Whether the error is that reason, was made of it, or says that a call was broken off. */
export function isDueTo(error: unknown, reason: unknown): boolean {
  if (error === reason) return true;
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || isDueTo(error.cause, reason);
}

/** Users know a hidden phase by its parent's name. */
function visibleName<I, H, E>(phases: readonly Phase<I, H, E>[], fullName: string): string {
  const found = flattenPhases(phases).find((named) => named.fullName === fullName);
  return found?.parent !== undefined && found.phase.hidden === true
    ? visibleName(phases, found.parent)
    : fullName;
}
