/** The positional arguments of a phase's sub-command. The command's request contains their values. */
export interface PhaseArguments {
  /** The text in help after the command path, such as `[api-server-endpoint]`. It can be empty. */
  readonly usage: string;
  /** Maximum number of arguments; more are refused. */
  readonly maximum: number;
}

/**
 * One step of a command, as plain data. The ordered list of phases determines the run order, the `phase …` sub-commands,
 * `--skip-phases`, help and the tables of the docs.
 *
 * @typeParam Input the options of the command; frozen, the same for every phase
 * @typeParam Host everything that a phase can touch
 * @typeParam Event the events that a phase can report
 * @typeParam FlagName the flags that sub-commands of phases can have
 * @typeParam Scope values that are created on demand, once per run
 */
export interface Phase<Input, Host, Event, FlagName extends string = string, Scope = undefined> {
  /** First word on the command line, in lower case; unique among its siblings. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for help. */
  readonly short: string;
  readonly long?: string;
  readonly example?: string;
  /** A hidden phase runs with the whole command, but has no sub-command and is not listed. */
  readonly hidden?: boolean;
  /** A hidden phase with this can be named in a selection, such as `check-etcd` in `--skip-phases`. */
  readonly selectable?: boolean;
  /** Full name of the phase that users see instead of a hidden one; defaults to its parent. */
  readonly shownAs?: string;
  /** Flags of the phase's own sub-command. `all` uses `allFlags`. */
  readonly flags?: readonly FlagName[];
  /** Flags of the `all` sub-command. A parent without them has no `all`. */
  readonly allFlags?: readonly FlagName[];
  /** Positional arguments of the phase's sub-command and of `all`; defaults to none. */
  readonly arguments?: PhaseArguments;
  /** Full names of phases that must be in the same run. This is checked before anything runs. */
  readonly requires?: readonly string[];
  /** An exclusive phase never overlaps with another one, because it asks the user something. */
  readonly exclusive?: boolean;
  /**
   * In a dry run, a phase with `skip` does not run, and a phase with `check` reads the files of the real machine and not
   * those that the dry run wrote. A phase with `would` does not run, and its text completes "Would ...". A phase with
   * `only` runs in no other run. The command that runs the phases obeys it.
   */
  readonly inDryRun?: 'skip' | 'check' | 'only' | { readonly would: string };
  /** Children run in order, after `run` of the parent. */
  readonly children?: readonly Phase<Input, Host, Event, FlagName, Scope>[];
  readonly run?: (input: Input, host: Host, context: PhaseContext<Event, Scope>) => Promise<void>;
}

/** What a phase waits for. Names are full names of phases of the same list that do not wait for this one. */
export interface PhaseOrder {
  /**
   * The phases that must have ended before this one starts; defaults to the phase that is listed before it, and so to
   * all before that. A named phase that is not in the run counts as ended. An empty list waits for the parent alone.
   */
  readonly after?: readonly string[];
  /**
   * The time limits of this phase and its children begin when these phases have ended. By default they begin with the
   * phase itself.
   */
  readonly limitsAfter?: readonly string[];
}

/** A phase with its order in the list of a command. */
export interface OrderedPhase<Input, Host, Event, FlagName extends string = string, Scope = undefined>
  extends Omit<Phase<Input, Host, Event, FlagName, Scope>, 'children'>,
    PhaseOrder {
  readonly children?: readonly OrderedPhase<Input, Host, Event, FlagName, Scope>[];
}

/** The context that the runner passes to each phase. */
export interface PhaseContext<Event, Scope = undefined> {
  readonly emit: (event: Event) => void;
  /** Aborted if another phase fails or the user interrupts the run. */
  readonly signal: AbortSignal;
  /** Resolves when the time limits of the phase begin. */
  readonly limitsStart: Promise<void>;
  readonly scope: Scope;
}

/** A phase with its full name (`certs/ca`), which `--skip-phases` and errors use. */
export interface NamedPhase<Input, Host, Event, Scope = undefined> {
  readonly fullName: string;
  readonly parent?: string;
  readonly phase: OrderedPhase<Input, Host, Event, string, Scope>;
}

/** All phases of a list in run order: each parent, then its children. */
export function flattenPhases<Input, Host, Event, Scope>(
  phases: readonly OrderedPhase<Input, Host, Event, string, Scope>[],
  parent?: string,
): readonly NamedPhase<Input, Host, Event, Scope>[] {
  return phases.flatMap((phase) => {
    const fullName = parent === undefined ? phase.name : `${parent}/${phase.name}`;
    const self = parent === undefined ? { fullName, phase } : { fullName, parent, phase };
    return [self, ...flattenPhases(phase.children ?? [], fullName)];
  });
}

/** The name that users see: that of the phase, or for a hidden phase that of `shownAs` or its parent. */
export function visibleName<Input, Host, Event, Scope>(
  phases: readonly OrderedPhase<Input, Host, Event, string, Scope>[],
  fullName: string,
): string {
  const found = flattenPhases(phases).find((named) => named.fullName === fullName);
  if (found?.phase.hidden !== true) return fullName;
  const owner = found.phase.shownAs ?? found.parent;
  return owner === undefined ? fullName : visibleName(phases, owner);
}
