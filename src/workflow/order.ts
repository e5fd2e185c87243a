import { flattenPhases, type NamedPhase, type OrderedPhase, type Phase, type PhaseOrder } from './phase.ts';

/** A phase in the list of a command, with the phases that it waits for. */
export interface PhaseRow<Input, Host, Event, FlagName extends string, Scope> extends PhaseOrder {
  readonly phase: Phase<Input, Host, Event, FlagName, Scope>;
  /** The order of its children: all of them by name, in order. By default each waits for the one before it. */
  readonly children?: Readonly<Record<string, PhaseOrder>>;
}

/**
 * Builds the list of a command: its phases with the phases that each waits for.
 *
 * @throws Error if the children of a row are not those of its phase; the errors of {@link checkOrder}
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
 * Refuses a list in which a phase waits for one that is unknown, or that waits for it in turn. A phase may wait for one
 * that is listed after it: the list is the order in which users see the phases.
 *
 * @throws Error that names both phases
 */
export function checkOrder<Input, Host, Event, Scope>(
  phases: readonly OrderedPhase<Input, Host, Event, string, Scope>[],
): void {
  const listed = flattenPhases(phases);
  const needs = needsOf(listed);
  const known = new Set(listed.map(({ fullName }) => fullName));
  for (const { fullName, phase } of listed) {
    for (const name of [...(phase.after ?? []), ...(phase.limitsAfter ?? [])]) {
      const reason = !known.has(name)
        ? 'which is not in the list'
        : fullName === name
          ? 'which is itself'
          : fullName.startsWith(`${name}/`)
            ? 'of which it is a part'
            : reaches(needs, wholeOf(name), fullName)
              ? 'which waits for it in turn'
              : undefined;
      if (reason !== undefined) throw new Error(`phase "${fullName}" waits for "${name}", ${reason}`);
    }
  }
}

/** A phase together with its children, as a key of {@link needsOf}; the full name alone is the phase without them. */
const wholeOf = (fullName: string): string => `${fullName}/`;

type Needs = ReadonlyMap<string, readonly string[]>;

/**
 * For each phase, the phases that must end before it can end, as the runner schedules them. These include the phases in
 * `limitsAfter`, because a phase whose time limits have not begun can wait without an end.
 */
function needsOf<Input, Host, Event, Scope>(listed: readonly NamedPhase<Input, Host, Event, Scope>[]): Needs {
  const needs = new Map<string, readonly string[]>();
  listed.forEach(({ fullName, parent, phase }, index) => {
    const earlier = listed.slice(0, index);
    const siblings = earlier.filter((other) => other.parent === parent).map((other) => other.fullName);
    const barrier = earlier.findLast(
      (other) => other.phase.exclusive === true && !fullName.startsWith(wholeOf(other.fullName)),
    );
    needs.set(fullName, [
      ...(parent === undefined ? [] : [parent]),
      ...(phase.after ?? siblings).map(wholeOf),
      ...(phase.limitsAfter ?? []).map(wholeOf),
      ...(barrier === undefined ? [] : [wholeOf(barrier.fullName)]),
      ...(phase.exclusive === true ? earlier.map((other) => other.fullName) : []),
    ]);
    const children = listed.filter((other) => other.parent === fullName);
    needs.set(wholeOf(fullName), [fullName, ...children.map((child) => wholeOf(child.fullName))]);
  });
  return needs;
}

function reaches(needs: Needs, from: string, to: string): boolean {
  const seen = new Set<string>();
  const visit = (key: string): boolean => {
    if (key === to) return true;
    if (seen.has(key)) return false;
    seen.add(key);
    return (needs.get(key) ?? []).some(visit);
  };
  return visit(from);
}
