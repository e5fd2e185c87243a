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
 */
export interface Phase<Input, Host, Event, FlagName extends string = string> {
  /** First word of the command line, lower case; unique among its siblings. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for help. */
  readonly short: string;
  readonly long?: string;
  readonly example?: string;
  /** Runs with the whole command, but has no sub-command and is not listed. */
  readonly hidden?: boolean;
  /** Flags of the phase's own sub-command; `all` has `allFlags`. */
  readonly flags?: readonly FlagName[];
  /** Flags of the `all` sub-command; a parent without it has no `all`. */
  readonly allFlags?: readonly FlagName[];
  /** Positional arguments of the phase's own sub-command and of `all`; without the field there are none. */
  readonly arguments?: PhaseArguments;
  /** Full names of phases that must be in the same run; checked before anything runs. */
  readonly requires?: readonly string[];
  /**
   * Full names of phases that must have ended before this one starts. Left out: the phase listed
   * before it (and so all before that). Named phases that are not in the run count as ended.
   */
  readonly after?: readonly string[];
  /** Never overlaps with another phase, because it asks the user something. */
  readonly exclusive?: boolean;
  /** Run in order, after `run` of the parent. */
  readonly children?: readonly Phase<Input, Host, Event, FlagName>[];
  readonly run?: (input: Input, host: Host, context: PhaseContext<Event>) => Promise<void>;
}

/** What the runner hands to each phase. */
export interface PhaseContext<Event> {
  readonly emit: (event: Event) => void;
  /** Aborted when another phase failed or the user interrupted the run. */
  readonly signal: AbortSignal;
}

/** A phase with its full name (`certs/ca`), as `--skip-phases` and errors name it. */
export interface NamedPhase<Input, Host, Event> {
  readonly fullName: string;
  readonly parent?: string;
  readonly phase: Phase<Input, Host, Event>;
}

/** All phases of a list in run order: each parent, then its children. */
export function flattenPhases<Input, Host, Event>(
  phases: readonly Phase<Input, Host, Event>[],
  parent?: string,
): readonly NamedPhase<Input, Host, Event>[] {
  return phases.flatMap((phase) => {
    const fullName = parent === undefined ? phase.name : `${parent}/${phase.name}`;
    const self = parent === undefined ? { fullName, phase } : { fullName, parent, phase };
    return [self, ...flattenPhases(phase.children ?? [], fullName)];
  });
}
