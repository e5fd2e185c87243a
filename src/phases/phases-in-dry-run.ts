import type { Emit, KubeadmEvent } from '../events.ts';
import type { DryRun } from '../host/dry-run/index.ts';
import type { Host } from '../host.ts';
import type { OrderedPhase } from '../workflow/phase.ts';

/**
 * The phases over the host of a dry run. The events of the host belong to the phase that writes. Phases that must not run
 * in a dry run are skipped.
 *
 * @param openScope makes the scope of one phase, whose calls are reported by that phase
 */
export function phasesInDryRun<Input, Scope extends { readonly close: () => void } | undefined>(
  phases: readonly OrderedPhase<Input, Host, KubeadmEvent, string, Scope>[],
  { checkingHost, host: dryRunHost, reported }: DryRun,
  openScope: (host: Host) => Scope,
): readonly OrderedPhase<Input, Host, KubeadmEvent, string, Scope>[] {
  type Ordered = OrderedPhase<Input, Host, KubeadmEvent, string, Scope>;
  const adapt = ({ children, run, ...phase }: Ordered): Ordered => ({
    ...phase,
    ...(children === undefined ? {} : { children: children.map(adapt) }),
    ...runOf(run, phase.inDryRun),
  });
  const runOf = (run: Ordered['run'], kind: Ordered['inDryRun']): Pick<Ordered, 'run'> => {
    if (run === undefined || kind === 'skip') return {};
    if (typeof kind === 'object') {
      const message = `Would ${kind.would}`;
      return { run: async (_, __, { emit }) => emit({ type: 'progress', topic: 'dryrun', message }) };
    }
    return { run: inDryRun(run, kind === 'check' ? checkingHost : dryRunHost) };
  };
  const inDryRun =
    (run: NonNullable<Ordered['run']>, hostFor: DryRun['host']): NonNullable<Ordered['run']> =>
    async (input, { keys }, context) => {
      const emit: Emit = (event) => {
        const passedOn = reported(event);
        if (passedOn !== undefined) context.emit(passedOn);
      };
      const host = { ...hostFor(context.emit), keys };
      const scope = openScope(host);
      try {
        await run(input, host, { ...context, emit, scope });
      } finally {
        scope?.close();
      }
    };
  return phases.map(adapt);
}

/** The phases of a run that is not a dry run: without those that only a dry run has. */
export function phasesInRealRun<Input, Scope>(
  phases: readonly OrderedPhase<Input, Host, KubeadmEvent, string, Scope>[],
): readonly OrderedPhase<Input, Host, KubeadmEvent, string, Scope>[] {
  return phases.map(({ children, run, ...phase }) => ({
    ...phase,
    ...(children === undefined ? {} : { children: phasesInRealRun(children) }),
    ...(run === undefined || phase.inDryRun === 'only' ? {} : { run }),
  }));
}
