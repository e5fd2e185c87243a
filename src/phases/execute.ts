/** Selects and runs the phases of a command, and reports their events. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit, KubeadmEvent, RecordedEvent } from '../events.ts';
import type { Host } from '../host.ts';
import { suggestions } from '../lib/suggest.ts';
import { warnOnce } from '../warn-once.ts';
import { flattenPhases, type OrderedPhase } from '../workflow/phase.ts';
import {
  type Companion,
  isDueTo,
  type PhaseFailure,
  phaseFailureMessage,
  runPhases,
} from '../workflow/run.ts';
import {
  type Selection,
  selectPhases,
  UnknownPhaseError,
  UnresolvedDependencyError,
} from '../workflow/select.ts';

/** Receives the events of a run, and can end it. */
export interface RunContext {
  /** Receives every event as it happens. Phases overlap, and each event names its own phase. */
  readonly record?: (recorded: RecordedEvent) => void;
  /** Start of the run on the host's monotonic clock, from which `at` of its events counts. Defaults to now. */
  readonly startedAt?: number;
  /**
   * If it is aborted, calls of the API server end at once, other calls in flight settle, and the run fails with a
   * KubeadmError `interrupted`.
   */
  readonly signal?: AbortSignal;
}

/** A run that has begun. `emit` reports events that belong to no phase. */
export interface Run {
  readonly record: (event: KubeadmEvent, phase: string | undefined) => void;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** Begins a run. The same warning is passed on only once. */
export function beginReport({ clock }: Pick<Host, 'clock'>, context: RunContext): Run {
  const { signal = new AbortController().signal, startedAt = clock.monotonic() } = context;
  const pass = warnOnce((recorded: RecordedEvent) => context.record?.(recorded));
  const record = (event: KubeadmEvent, phase: string | undefined): void =>
    pass({ event, phase, at: clock.monotonic() - startedAt });
  return { record, emit: (event) => record(event, undefined), signal };
}

/**
 * Builds the error of a run whose phase failed.
 *
 * @param cause the error of the phase, or the error that explains it
 */
export function phaseError({ endedBeyond, phase }: PhaseFailure, cause: unknown): KubeadmError {
  const own = cause instanceof KubeadmError ? cause : undefined;
  return new KubeadmError(own?.code ?? 'phase-failed', phaseFailureMessage(phase, cause), {
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
export function select<I, H, E, S>(
  phases: readonly OrderedPhase<I, H, E, string, S>[],
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

export interface Execution<Input, Scope> {
  readonly input: Input;
  readonly host: Host;
  readonly scope: Scope;
  readonly run: Run;
  /** Work that can end the run early. */
  readonly companion?: Companion;
}

/**
 * Runs the selected phases. Emits their names, and when each begins and ends.
 *
 * @returns their full names in listed order
 * @throws PhaseFailure
 */
export async function executePhases<I, S>(
  phases: readonly OrderedPhase<I, Host, KubeadmEvent, string, S>[],
  selected: ReadonlySet<string>,
  { companion, input, host, scope, run }: Execution<I, S>,
): Promise<readonly string[]> {
  const order = flattenPhases(phases)
    .filter(({ fullName, phase }) => selected.has(fullName) && phase.run !== undefined)
    .map(({ fullName }) => fullName);
  const started = new Map<string, number>();
  run.emit({ type: 'phases-selected', phases: order });
  const failures = new Set<unknown>();
  // A stopped phase ends with the failure of another phase, with the user's interruption, or with an error that wraps one
  // of them.
  let blamed: { readonly phase: string; readonly error: unknown } | undefined;
  const ended = (phase: string, error: unknown): KubeadmEvent => {
    if (blamed?.phase === phase && isDueTo(error, blamed.error)) {
      failures.add(blamed.error);
      const message = companion?.describe?.(phase, blamed.error) ?? messageOf(blamed.error);
      return { type: 'phase-failed', phase, message };
    }
    if (blamed !== undefined && isDueTo(error, blamed.error)) return { type: 'phase-stopped', phase };
    const reasons = [...failures, ...(run.signal.aborted ? [run.signal.reason] : [])];
    if (reasons.some((reason) => isDueTo(error, reason))) return { type: 'phase-stopped', phase };
    failures.add(error);
    return { type: 'phase-failed', phase, message: messageOf(error) };
  };
  await runPhases(phases, input, host, {
    selected,
    scope,
    signal: run.signal,
    record: run.record,
    ...(companion === undefined
      ? {}
      : {
          companion: {
            ...companion,
            onFailure: (phase: string, error: unknown) => {
              blamed = { phase, error };
            },
          },
        }),
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
