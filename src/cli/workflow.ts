import { KubeadmError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import type { Host } from '../host/ports.ts';
import { flattenPhases, type Phase } from '../workflow/phase.ts';
import { runPhases } from '../workflow/run.ts';
import {
  type Selection,
  selectPhases,
  UnknownPhaseError,
  UnresolvedDependencyError,
} from '../workflow/select.ts';
import type { Invocation } from './command.ts';
import { ordered } from './render/ordered.ts';
import { suggestions } from './suggest.ts';

/**
 * Selects phases as the command line names them.
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

/** Runs phases and renders what they report, in listed order. */
export async function runWorkflow<I>(
  phases: readonly Phase<I, Host, KubeadmEvent>[],
  selected: ReadonlySet<string>,
  run: { readonly input: I; readonly host: Host; readonly invocation: Invocation },
): Promise<void> {
  const { input, host, invocation } = run;
  const { emit, signal } = invocation;
  const order = flattenPhases(phases)
    .filter(({ fullName, phase }) => selected.has(fullName) && phase.run !== undefined)
    .map(({ fullName }) => fullName);
  const screen = ordered<KubeadmEvent>(order, emit);
  const started = new Map<string, number>();
  try {
    await runPhases(phases, input, host, {
      selected,
      signal,
      record: (event, phase) => screen.push(event, phase),
      onStart: (phase) => {
        started.set(phase, host.clock.monotonic());
        screen.push({ type: 'phase-started', phase }, phase);
      },
      onEnd: (phase, error) => {
        const milliseconds = host.clock.monotonic() - (started.get(phase) ?? 0);
        if (error === undefined) screen.push({ type: 'phase-finished', phase, milliseconds }, phase);
        screen.ended(phase);
      },
    });
  } finally {
    screen.flush();
  }
}
