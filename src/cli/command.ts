import type { Emit, RecordedEvent } from '../events.ts';
import type { Host } from '../host.ts';
import type { CommandFlags } from './flag-values.ts';
import { type Flag, type FlagName, flag, type GlobalFlagName } from './flags.ts';
import type { Output } from './render/output.ts';

/** What a node of the command tree is for people. */
interface Description {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** What help shows behind the path for positional arguments (`SHELL`, `[version]`). */
  readonly argumentsHelp?: string;
  readonly short: string;
  readonly long?: string;
  readonly example?: string;
  /** Not listed in help. */
  readonly hidden?: boolean;
  readonly commands?: readonly CommandEntry[];
  /** Sub-commands of upstream that are not here yet: the error says so, instead of taking them for a mistake. */
  readonly later?: readonly string[];
  /** How many positional arguments are taken; defaults to 0. */
  readonly maximumArguments?: number;
  /** A command with sub-commands and no `run` asks for one of them; with `helpOnly` it just shows help. */
  readonly helpOnly?: boolean;
  /** The command runs phases: events, timeline and live view show how they go. It has `reportFlags`. */
  readonly reports?: boolean;
}

/** A node of the command tree: a plain value from which parsing, help and completion come. */
export interface Command extends Description {
  readonly flags?: readonly Flag<FlagName>[];
  /** This command's and all its descendants'. */
  readonly persistentFlags?: readonly Flag<FlagName>[];
  readonly inherits?: readonly FlagName[];
  readonly run?: (invocation: Invocation<FlagName>) => Promise<void>;
}

/** A command as its file writes it: `run` can read the flags that the command lists, and no others. */
export interface CommandDefinition<
  Own extends FlagName,
  Persistent extends FlagName,
  Inherited extends FlagName,
> extends Description {
  readonly flags?: readonly (Own | Flag<Own>)[];
  /** This command's and all its descendants'. */
  readonly persistentFlags?: readonly (Persistent | Flag<Persistent>)[];
  /** Names of the persistent flags of commands above that `run` reads. */
  readonly inherits?: readonly Inherited[];
  readonly run?: (
    invocation: Invocation<NoInfer<Own | Persistent | Inherited> | GlobalFlagName>,
  ) => Promise<void>;
}

export function command<
  const Own extends FlagName = never,
  const Persistent extends FlagName = never,
  const Inherited extends FlagName = never,
>(definition: CommandDefinition<Own, Persistent, Inherited>): Command {
  const { flags, persistentFlags, ...rest } = definition;
  return {
    ...rest,
    ...(flags === undefined ? {} : { flags: flags.map(asFlag) }),
    ...(persistentFlags === undefined ? {} : { persistentFlags: persistentFlags.map(asFlag) }),
  };
}

function asFlag<Name extends FlagName>(listed: Name | Flag<Name>): Flag<Name> {
  return typeof listed === 'object' ? listed : flag(listed);
}

/** A sub-command that is there, or is loaded when it is named: `kubeadm version` loads nothing of init. */
export type CommandEntry = Command | LazyCommand;

export interface LazyCommand {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly short: string;
  readonly hidden?: boolean;
  readonly helpOnly?: boolean;
  readonly load: () => Promise<Command>;
}

export async function loadCommand(entry: CommandEntry): Promise<Command> {
  return 'load' in entry ? await entry.load() : entry;
}

/** What a command's `run` gets; `Name` are the flags that it can read. */
export interface Invocation<Name extends FlagName = never> {
  readonly flags: CommandFlags<Name>;
  readonly arguments: readonly string[];
  readonly host: Host;
  readonly output: Output;
  /** Reports something outside any phase. */
  readonly emit: Emit;
  /** Takes the events of a run that the command begins. */
  readonly record: (recorded: RecordedEvent) => void;
  /** When the command began, by the host's monotonic clock: `at` of its events counts from there. */
  readonly startedAt: number;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}
