import { flattenPhases, type OrderedPhase, type Phase, type PhaseOrder } from './phase.ts';

/** A phase in the list of a command, with what it waits for. */
export interface PhaseRow<Input, Host, Event, FlagName extends string, Scope> extends PhaseOrder {
  readonly phase: Phase<Input, Host, Event, FlagName, Scope>;
  /** What its children wait for: all of them by name, in their order. By default each waits for the one before it. */
  readonly children?: Readonly<Record<string, PhaseOrder>>;
}

/**
 * The list of a command: its phases with what each waits for.
 *
 * @throws Error when the children of a row are not those of its phase; as {@link checkOrder}
 */
export function listPhases<Input, Host, Event, FlagName extends string, Scope>(
  rows: readonly PhaseRow<Input, Host, Event, FlagName, Scope>[],
): readonly OrderedPhase<Input, Host, Event, FlagName, Scope>[] {
  const phases = rows.map(({ phase, children, ...order }) => ({
    ...phase,
    ...order,
    ...(phase.children === undefined ? {} : { children: listChildren(phase.children, children, phase.name) }),
  }));
  checkOrder(phases);
  return phases;
}

function listChildren<Input, Host, Event, FlagName extends string, Scope>(
  phases: readonly Phase<Input, Host, Event, FlagName, Scope>[],
  orders: Readonly<Record<string, PhaseOrder>> | undefined,
  parent: string,
): readonly OrderedPhase<Input, Host, Event, FlagName, Scope>[] {
  if (orders === undefined) return phases;
  const names = phases.map(({ name }) => name);
  if (names.join() !== Object.keys(orders).join()) {
    throw new Error(`the children of phase "${parent}" are ${names.join(', ')}, in this order`);
  }
  return phases.map((phase) => ({ ...phase, ...orders[phase.name] }));
}

/**
 * Refuses a list in which a phase waits for one that is unknown or does not come before it.
 *
 * @throws Error that names both phases
 */
export function checkOrder<Input, Host, Event, Scope>(
  phases: readonly OrderedPhase<Input, Host, Event, string, Scope>[],
): void {
  const listed = flattenPhases(phases);
  const names = listed.map(({ fullName }) => fullName);
  for (const [index, { fullName, phase }] of listed.entries()) {
    for (const name of [...(phase.after ?? []), ...(phase.limitsAfter ?? [])]) {
      const position = names.indexOf(name);
      const reason =
        position < 0
          ? 'which is not in the list'
          : fullName.startsWith(`${name}/`)
            ? 'of which it is a part'
            : position >= index
              ? 'which is not listed before it'
              : undefined;
      if (reason !== undefined) throw new Error(`phase "${fullName}" waits for "${name}", ${reason}`);
    }
  }
}
