import type { Emit, RecordedEvent } from '../events.ts';
import type { Host } from '../host.ts';
import type { CommandFlags } from './flag-values.ts';
import { type Flag, type FlagName, flag, type GlobalFlagName } from './flags.ts';
import type { Output } from './render/output.ts';
import type { ResultFields } from './result-document.ts';

/** How help and messages describe a command. */
interface Description {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** The text for positional arguments that help shows after the path, such as `SHELL` or `[version]`. */
  readonly argumentsHelp?: string;
  readonly short: string;
  readonly long?: string;
  readonly example?: string;
  /** Whether help leaves the command out. */
  readonly hidden?: boolean;
  readonly commands?: readonly CommandEntry[];
  /** The positional arguments that completion offers. */
  readonly argumentValues?: readonly string[];
  /** The maximum number of positional arguments. Defaults to 0. */
  readonly maximumArguments?: number;
  /**
   * Whether a command with sub-commands and without `run` shows its help. By default such a command fails with an error
   * that asks for a sub-command.
   */
  readonly helpOnly?: boolean;
  /** Whether the command runs phases, which events, timeline and live view show. Such a command has `reportFlags`. */
  readonly reports?: boolean;
}

/** A command as plain data. Parsing, help and completion read it. */
export interface Command extends Description {
  readonly flags?: readonly Flag<FlagName>[];
  /** Flags of this command and of all commands below it. */
  readonly persistentFlags?: readonly Flag<FlagName>[];
  readonly inherits?: readonly FlagName[];
  readonly run?: (invocation: Invocation<FlagName>) => Promise<void>;
}

/** A command as a file of `commands` defines it. `run` can read only the flags that the command lists. */
export interface CommandDefinition<
  Own extends FlagName,
  Persistent extends FlagName,
  Inherited extends FlagName,
> extends Description {
  readonly flags?: readonly (Own | Flag<Own>)[];
  /** Flags of this command and of all commands below it. */
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

/** A sub-command, or one that is loaded when it runs. So `kubeadm version` does not load the code of `init`. */
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

/** The argument of a command's `run`. `Name` is the union of the flags that it can read. */
export interface Invocation<Name extends FlagName = never> {
  readonly flags: CommandFlags<Name>;
  readonly arguments: readonly string[];
  readonly host: Host;
  readonly output: Output;
  /** Reports an event outside any phase. */
  readonly emit: Emit;
  /** Receives the events of a run that the command starts. */
  readonly record: (recorded: RecordedEvent) => void;
  /** Takes the data of a run that succeeded, for `--output-result`. */
  readonly reportResult: (fields: ResultFields) => void;
  /** The start of the command on the host's monotonic clock, in milliseconds. `at` of its events counts from here. */
  readonly startedAt: number;
  /** SIGINT and SIGTERM abort this signal. */
  readonly signal: AbortSignal;
}
