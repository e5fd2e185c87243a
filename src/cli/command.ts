import type { KubeadmEvent } from '../events.ts';
import type { Host } from '../host/host.ts';
import type { Flag } from './flags.ts';
import type { FlagValues } from './parse.ts';
import type { Output } from './render/output.ts';

/** A node of the command tree: a plain value from which parsing, help and completion come. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** What help shows behind the path for positional arguments (`SHELL`, `[version]`). */
  readonly argumentsHelp?: string;
  readonly short: string;
  readonly long?: string;
  readonly example?: string;
  /** Not listed in help. */
  readonly hidden?: boolean;
  readonly flags?: readonly Flag[];
  /** This command's and all its descendants'. */
  readonly persistentFlags?: readonly Flag[];
  readonly commands?: readonly CommandEntry[];
  /** Sub-commands of upstream's that are not here yet: the error says so, instead of taking them for a mistake. */
  readonly later?: readonly string[];
  /** How many positional arguments are taken; left out: none. */
  readonly maximumArguments?: number;
  /** A command with sub-commands and no `run` asks for one of them; with `helpOnly` it just shows help. */
  readonly helpOnly?: boolean;
  readonly run?: (invocation: Invocation) => Promise<void>;
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

/** What a command's `run` gets. */
export interface Invocation {
  readonly flags: FlagValues;
  readonly arguments: readonly string[];
  readonly host: Host;
  readonly output: Output;
  /** Reports something outside any phase. */
  readonly emit: (event: KubeadmEvent) => void;
  /** Reports what a phase said, as it happens; the report puts it into listed order where that is wanted. */
  readonly record: (event: KubeadmEvent, phase: string | undefined) => void;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}
