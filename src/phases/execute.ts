/** Runs the phases of a command: the same for the command line and for a program that uses the library. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit, KubeadmEvent, RecordedEvent } from '../events.ts';
import type { Host } from '../host/host.ts';
import { suggestions } from '../lib/suggest.ts';
import { flattenPhases, type Phase } from '../workflow/phase.ts';
import { isDueTo, PhaseFailure, runPhases } from '../workflow/run.ts';
import {
  type Selection,
  selectPhases,
  UnknownPhaseError,
  UnresolvedDependencyError,
} from '../workflow/select.ts';

/** Who looks on, and who can end it. */
export interface RunContext {
  /** Gets every event as it happens; phases overlap, and each event names its own. */
  readonly record?: (recorded: RecordedEvent) => void;
  /** When the run began, by the host's monotonic clock: `at` of its events counts from there. Defaults to now. */
  readonly startedAt?: number;
  /** When it is aborted, calls in flight settle and the run ends with a KubeadmError `interrupted`. */
  readonly signal?: AbortSignal;
}

/** A run that has begun: `emit` reports what belongs to no phase. */
export interface Run {
  readonly record: (event: KubeadmEvent, phase: string | undefined) => void;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Does the work of a command, on the given host.
 *
 * @throws KubeadmError: of a failed phase with the code of its cause (else `phase-failed`), the cause's details,
 *   and `details.phase` and `details.endedBeyond`, phases listed later that had ended by then; `interrupted`
 */
export async function run<T>(
  given: Host,
  { record, signal = new AbortController().signal, startedAt = given.clock.monotonic() }: RunContext,
  work: (run: Run, host: Host) => Promise<T>,
): Promise<T> {
  const { clock } = given;
  // What is read once and said once in a run is remembered by these ports: the next run has others.
  const host = { ...given, files: { ...given.files }, clock: { ...clock } };
  const push = (event: KubeadmEvent, phase: string | undefined): void =>
    record?.({ event, phase, at: clock.monotonic() - startedAt });
  try {
    signal.throwIfAborted();
    return await work({ record: push, emit: (event) => push(event, undefined), signal }, host);
  } catch (error) {
    if (error instanceof KubeadmError && error.code === 'interrupted') throw error;
    if (signal.aborted) throw new KubeadmError('interrupted', messageOf(signal.reason), { cause: error });
    throw error instanceof PhaseFailure ? phaseError(error) : error;
  }
}

function phaseError(failure: PhaseFailure): KubeadmError {
  const { cause, endedBeyond, message, phase } = failure;
  const own = cause instanceof KubeadmError ? cause : undefined;
  return new KubeadmError(own?.code ?? 'phase-failed', message, {
    cause,
    ...(own?.hint === undefined ? {} : { hint: own.hint }),
    ...(own?.place === undefined ? {} : { place: own.place }),
    details: { ...own?.details, phase, endedBeyond },
  });
}

/**
 * Selects phases by the names that users know.
 *
 * @throws KubeadmError codes `phase-unknown`, `phase-dependency`
 */
export function select<I, H, E>(
  phases: readonly Phase<I, H, E>[],
  selection: Selection,
): ReadonlySet<string> {
  try {
    return selectPhases(phases, selection);
  } catch (error) {
    if (error instanceof UnknownPhaseError) {
      const close = suggestions(error.phase, error.known);
      const hint =
        close.length > 0 ? `did you mean ${close.join(' or ')}?` : `known are ${error.known.join(', ')}`;
      throw new KubeadmError('phase-unknown', error.message, { hint, cause: error });
    }
    if (error instanceof UnresolvedDependencyError) {
      throw new KubeadmError('phase-dependency', error.message, {
        hint: 'run those phases as well, or leave out the one that needs them with --skip-phases',
        cause: error,
      });
    }
    throw error;
  }
}

/** Runs the selected phases; says which, and when each begins and ends. Gives their names in listed order. */
export async function executePhases<I>(
  phases: readonly Phase<I, Host, KubeadmEvent>[],
  selected: ReadonlySet<string>,
  { input, host, run }: { readonly input: I; readonly host: Host; readonly run: Run },
): Promise<readonly string[]> {
  const order = flattenPhases(phases)
    .filter(({ fullName, phase }) => selected.has(fullName) && phase.run !== undefined)
    .map(({ fullName }) => fullName);
  const started = new Map<string, number>();
  run.emit({ type: 'phases-selected', phases: order });
  const failures = new Set<unknown>();
  // A phase that is told to stop ends with the error of the one that failed, with the wish of the user, or with what it made of them.
  const ended = (phase: string, error: unknown): KubeadmEvent => {
    const reasons = [...failures, ...(run.signal.aborted ? [run.signal.reason] : [])];
    if (reasons.some((reason) => isDueTo(error, reason))) return { type: 'phase-stopped', phase };
    failures.add(error);
    return { type: 'phase-failed', phase, message: messageOf(error) };
  };
  await runPhases(phases, input, host, {
    selected,
    signal: run.signal,
    record: run.record,
    onStart: (phase) => {
      started.set(phase, host.clock.monotonic());
      run.record({ type: 'phase-started', phase }, phase);
    },
    onEnd: (phase, error) => {
      const milliseconds = host.clock.monotonic() - (started.get(phase) ?? 0);
      run.record(
        error === undefined ? { type: 'phase-finished', phase, milliseconds } : ended(phase, error),
        phase,
      );
    },
  });
  return order;
}
