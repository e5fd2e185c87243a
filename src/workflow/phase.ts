/** The positional arguments of a phase's own sub-commands; the request of the command carries the words. */
export interface PhaseArguments {
  /** As help shows them behind the path: `[api-server-endpoint]`. */
  readonly usage: string;
  /** How many words are accepted; more are refused. */
  readonly maximum: number;
}

/**
 * One step of a command: a plain value. From an ordered list of phases come the run order, the
 * `phase …` sub-commands, `--skip-phases`, help and the tables of the docs.
 *
 * @typeParam Input what the command was asked to do; frozen, the same for every phase
 * @typeParam Host all of the world that a phase can touch
 * @typeParam Event what a phase can report
 * @typeParam FlagName the flags that sub-commands of phases can have
 * @typeParam Scope what is made lazily, once per run
 */
export interface Phase<Input, Host, Event, FlagName extends string = string, Scope = undefined> {
  /** First word of the command line, lower case; unique among its siblings. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for help. */
  readonly short: string;
  readonly long?: string;
  readonly example?: string;
  /** Runs with the whole command, but has no sub-command and is not listed. */
  readonly hidden?: boolean;
  /** Full name of the phase under whose name users see a hidden one; defaults to its parent. */
  readonly shownAs?: string;
  /** Flags of the phase's own sub-command; `all` has `allFlags`. */
  readonly flags?: readonly FlagName[];
  /** Flags of the `all` sub-command; a parent without it has no `all`. */
  readonly allFlags?: readonly FlagName[];
  /** Positional arguments of the phase's own sub-command and of `all`; without the field there are none. */
  readonly arguments?: PhaseArguments;
  /** Full names of phases that must be in the same run; checked before anything runs. */
  readonly requires?: readonly string[];
  /** It never overlaps with another phase of the run, because it asks the user something. */
  readonly exclusive?: boolean;
  /** Run in order, after `run` of the parent. */
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
   * The time limits of this phase and its children begin when these phases have ended; by default they begin with the
   * phase itself.
   */
  readonly limitsAfter?: readonly string[];
}

/** A phase in its place in the list of a command. */
export interface OrderedPhase<Input, Host, Event, FlagName extends string = string, Scope = undefined>
  extends Omit<Phase<Input, Host, Event, FlagName, Scope>, 'children'>,
    PhaseOrder {
  readonly children?: readonly OrderedPhase<Input, Host, Event, FlagName, Scope>[];
}

/** What the runner hands to each phase. */
export interface PhaseContext<Event, Scope = undefined> {
  readonly emit: (event: Event) => void;
  /** Aborted when another phase failed or the user interrupted the run. */
  readonly signal: AbortSignal;
  /** Resolves when the time limits of the phase begin. */
  readonly limitsStart: Promise<void>;
  readonly scope: Scope;
}

/** A phase with its full name (`certs/ca`), as `--skip-phases` and errors name it. */
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

/** The name under which users see the phase: its own, or for a hidden phase that of `shownAs` or its parent. */
export function visibleName<Input, Host, Event, Scope>(
  phases: readonly OrderedPhase<Input, Host, Event, string, Scope>[],
  fullName: string,
): string {
  const found = flattenPhases(phases).find((named) => named.fullName === fullName);
  if (found?.phase.hidden !== true) return fullName;
  const owner = found.phase.shownAs ?? found.parent;
  return owner === undefined ? fullName : visibleName(phases, owner);
}
