import { checkOrder } from './order.ts';
import { flattenPhases, type OrderedPhase, visibleName } from './phase.ts';

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
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const done = new Set<string>();
  let failure: { readonly fullName: string; readonly cause: unknown } | undefined;
  const ended = (fullName: string, ...error: readonly unknown[]): void => {
    try {
      options.onEnd?.(fullName, ...error);
    } catch (broken) {
      failure ??= { fullName, cause: broken };
      stop.abort(broken);
    }
  };
  const finished = new AbortController();
  const running = new Set<string>();
  const names = flattenPhases(phases).map(({ fullName }) => fullName);
  const { companion } = options;
  let accompanied = false;
  const accompany = (fullName: string): void => {
    if (companion === undefined || accompanied || !companion.beside.has(fullName)) return;
    accompanied = true;
    companion.run(AbortSignal.any([signal, finished.signal])).catch((error: unknown) => {
      if (signal.aborted || finished.signal.aborted) return;
      // Several phases may run. The run fails in the name of the first one in the list.
      const blamed = names.find((name) => running.has(name) && companion.beside.has(name)) ?? fullName;
      failure ??= { fullName: blamed, cause: error };
      companion.onFailure?.(blamed, error);
      stop.abort(error);
    });
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
      const stopped = stop.signal.aborted && isDueTo(error, stop.signal.reason);
      if (!stopped) failure ??= { fullName, cause: error };
      ended(fullName, error);
      if (!stopped) stop.abort(error);
      return;
    } finally {
      running.delete(fullName);
    }
    done.add(fullName);
    ended(fullName);
  };
  await schedule(phases, execute);
  finished.abort();
  const listed = flattenPhases(phases).filter(
    ({ fullName, phase }) => options.selected.has(fullName) && phase.run !== undefined,
  );
  if (failure !== undefined) {
    const { fullName, cause } = failure;
    const ran = listed.map((named) => named.fullName);
    throw new PhaseFailure(fullName, cause, shownFailure(phases, { fullName, names: ran, done }));
  }
  if (listed.some(({ fullName }) => !done.has(fullName))) options.signal.throwIfAborted();
}

type Execute<I, H, E, S> = (
  fullName: string,
  phase: OrderedPhase<I, H, E, string, S>,
  limitsStart: Promise<void>,
) => Promise<void>;

/** The values that the phases of one list get from their parent. */
interface Parent {
  /** Prefix of their full names. */
  readonly prefix: string;
  readonly start: Promise<void>;
  readonly limits: Promise<void> | undefined;
}

/** Starts each phase when the phases that it waits for have ended. Resolves when all have ended. */
function schedule<I, H, E, S>(
  phases: readonly OrderedPhase<I, H, E, string, S>[],
  execute: Execute<I, H, E, S>,
): Promise<void> {
  const all = async (waited: readonly Promise<void>[]): Promise<void> => void (await Promise.all(waited));
  /** The ends of phases with all their children, by full name. */
  const ends = new Map(
    flattenPhases(phases).map(({ fullName }) => [fullName, Promise.withResolvers<void>()]),
  );
  const endsOf = (names: readonly string[]): readonly Promise<void>[] =>
    names.map((name) => ends.get(name)?.promise).filter((end) => end !== undefined);
  /** The ends of the phases so far, each without its children. */
  const before: Promise<void>[] = [];
  /** The end of the last exclusive phase before this one. */
  let barrier = Promise.resolve();
  const scheduleList = (
    list: readonly OrderedPhase<I, H, E, string, S>[],
    { prefix, start, limits }: Parent,
  ): Promise<void> => {
    const siblings: Promise<void>[] = [start];
    for (const phase of list) {
      const fullName = prefix + phase.name;
      const waitsFor = phase.after === undefined ? siblings.slice() : [start, ...endsOf(phase.after)];
      const begin = all([barrier, ...waitsFor, ...(phase.exclusive === true ? before : [])]);
      const limitsAfter = phase.limitsAfter === undefined ? limits : all(endsOf(phase.limitsAfter));
      const limitsStart = limitsAfter ?? begin;
      const own = begin.then(() => execute(fullName, phase, limitsStart));
      before.push(own);
      const parent = { prefix: `${fullName}/`, start: own, limits: limitsAfter };
      const whole = phase.children ? scheduleList(phase.children, parent) : own;
      void whole.then(ends.get(fullName)?.resolve);
      siblings.push(whole);
      if (phase.exclusive === true) barrier = whole;
    }
    return all(siblings);
  };
  return scheduleList(phases, { prefix: '', start: Promise.resolve(), limits: undefined });
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
