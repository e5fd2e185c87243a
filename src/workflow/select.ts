import { flattenPhases, type NamedPhase, type OrderedPhase } from './phase.ts';

/** Selects phases of a list. */
export interface Selection {
  /** Full names, each including its children. Defaults to all. */
  readonly only?: readonly string[];
  /** Full names or aliases, case-insensitive, each including its children. */
  readonly skip?: readonly string[];
}

/** No phase of the list has this name. */
export class UnknownPhaseError extends Error {
  override readonly name = 'UnknownPhaseError';
  readonly phase: string;
  readonly known: readonly string[];

  constructor(phase: string, known: readonly string[]) {
    super(`invalid phase name: ${phase}`);
    this.phase = phase;
    this.known = known;
  }
}

/** A selected phase requires others that are not in the run. */
export class UnresolvedDependencyError extends Error {
  override readonly name = 'UnresolvedDependencyError';

  constructor(phase: string, missing: readonly string[]) {
    super(
      `unresolved dependencies:\n\tmissing [${missing.join(' ')}] phase(s) needed by ${JSON.stringify(phase)} phase`,
    );
  }
}

/**
 * Returns the full names of the phases that run, in list order. If only a child is named, its parent does not run.
 *
 * @throws UnknownPhaseError, UnresolvedDependencyError
 */
export function selectPhases<I, H, E, S>(
  phases: readonly OrderedPhase<I, H, E, string, S>[],
  selection: Selection,
): ReadonlySet<string> {
  const all = flattenPhases(phases);
  const names = nameIndex(all);
  const resolve = (name: string): string => {
    const found = names.get(name.toLowerCase());
    if (found === undefined) throw new UnknownPhaseError(name, [...names.keys()]);
    return found;
  };
  const only = selection.only?.map(resolve);
  const skip = (selection.skip ?? []).map(resolve);
  const covers = (list: readonly string[], name: string): boolean =>
    list.some((entry) => name === entry || name.startsWith(`${entry}/`));
  const selected = new Set(
    all
      .map(({ fullName }) => fullName)
      .filter((name) => (only === undefined || covers(only, name)) && !covers(skip, name)),
  );
  for (const { fullName, phase } of all) {
    if (!selected.has(fullName)) continue;
    const missing = (phase.requires ?? []).filter((name) => !selected.has(name));
    if (missing.length > 0) throw new UnresolvedDependencyError(fullName, missing);
  }
  return selected;
}

/** Every accepted spelling of a visible or selectable phase. `parent/all` is accepted but selects nothing of its own. */
function nameIndex<I, H, E, S>(all: readonly NamedPhase<I, H, E, S>[]): ReadonlyMap<string, string> {
  const index = new Map<string, string>();
  for (const { fullName, parent, phase } of all) {
    if (phase.hidden === true && phase.selectable !== true) continue;
    index.set(fullName, fullName);
    for (const alias of phase.aliases ?? []) {
      index.set(parent === undefined ? alias : `${parent}/${alias}`, fullName);
    }
    if (phase.allFlags !== undefined) index.set(`${fullName}/all`, `${fullName}/all`);
  }
  return index;
}
