import type { Phase, PhaseArguments } from '../workflow/phase.ts';
import { type Command, command, type Invocation } from './command.ts';
import type { FlagName } from './flags.ts';

/** The parts of a command with phases that its `phase` sub-commands need. */
export interface PhaseWorkflow<I, H, E, Name extends FlagName, S> {
  /** The name of the command in the texts, such as `init`. */
  readonly command: string;
  readonly phases: readonly Phase<I, H, E, Name, S>[];
  /** The positional arguments of the phases that have none of their own; defaults to none. */
  readonly arguments?: PhaseArguments;
  /** Runs the phases with these full names. `invocation` has the flags and arguments of the sub-command. */
  readonly run: (invocation: Invocation, only: readonly string[]) => Promise<void>;
}

/** Returns `kubeadm <command> phase`, with a sub-command for each visible phase. */
export function phaseCommand<I, H, E, Name extends FlagName, S>(
  workflow: PhaseWorkflow<I, H, E, Name, S>,
): Command {
  return {
    name: 'phase',
    short: `Run a single phase of "${workflow.command}"`,
    commands: workflow.phases
      .filter(({ hidden }) => hidden !== true)
      .map((phase) => subCommand(workflow, phase, '')),
  };
}

function subCommand<I, H, E, Name extends FlagName, S>(
  workflow: PhaseWorkflow<I, H, E, Name, S>,
  phase: Phase<I, H, E, Name, S>,
  prefix: string,
): Command {
  const fullName = prefix + phase.name;
  const children = (phase.children ?? []).filter(({ hidden }) => hidden !== true);
  const run = async (invocation: Invocation): Promise<void> => await workflow.run(invocation, [fullName]);
  const taken = phase.arguments ?? workflow.arguments;
  const takes = taken === undefined ? {} : { argumentsHelp: taken.usage, maximumArguments: taken.maximum };
  const about = {
    name: phase.name,
    short: phase.short,
    ...(phase.aliases === undefined ? {} : { aliases: phase.aliases }),
    ...(phase.long === undefined ? {} : { long: phase.long }),
    ...(phase.example === undefined ? {} : { example: phase.example }),
  };
  if (children.length === 0) return command({ ...about, ...takes, flags: phase.flags ?? [], run });
  const all =
    phase.allFlags === undefined
      ? []
      : [
          command({
            name: 'all',
            short: `${phase.short}: all of its parts`,
            ...takes,
            flags: phase.allFlags,
            run,
          }),
        ];
  const below = children.map((child) => subCommand(workflow, child, `${fullName}/`));
  return { ...about, commands: [...all, ...below] };
}

/** Returns the list of phases at the end of the help of a command with phases. */
export function phaseTable<I, H, E, Name extends string, S>(
  name: string,
  phases: readonly Phase<I, H, E, Name, S>[],
): string {
  const rows = phases
    .filter(({ hidden }) => hidden !== true)
    .flatMap((phase) => [
      [phase.name, phase.short] as const,
      ...(phase.children ?? [])
        .filter(({ hidden }) => hidden !== true)
        .map((child) => [`  /${child.name}`, child.short] as const),
    ]);
  const width = Math.max(...rows.map(([phase]) => phase.length)) + 2;
  const lines = rows.map(([phase, short]) => `${phase.padEnd(width)}${short}`);
  return `The "${name}" command executes the following phases:\n\`\`\`\n${lines.join('\n')}\n\`\`\``;
}
