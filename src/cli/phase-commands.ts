import type { Phase } from '../workflow/phase.ts';
import type { Command, Invocation } from './command.ts';
import { type Flag, flagsNamed } from './flags.ts';

/** What a workflow command hands over to have its `phase …` sub-commands made. */
export interface PhaseWorkflow<I, H, E> {
  /** `init`: the command's name in the texts. */
  readonly command: string;
  readonly phases: readonly Phase<I, H, E>[];
  /** Flags that phases name but that are not as in the table. */
  readonly flag?: (name: string) => Flag | undefined;
  /** Runs the phases with these full names. */
  readonly run: (invocation: Invocation, only: readonly string[]) => Promise<void>;
}

/** `kubeadm <command> phase`, with a sub-command for each visible phase. */
export function phaseCommand<I, H, E>(workflow: PhaseWorkflow<I, H, E>): Command {
  return {
    name: 'phase',
    short: `Run a single phase of "${workflow.command}"`,
    commands: workflow.phases
      .filter(({ hidden }) => hidden !== true)
      .map((phase) => subCommand(workflow, phase, '')),
  };
}

function subCommand<I, H, E>(
  workflow: PhaseWorkflow<I, H, E>,
  phase: Phase<I, H, E>,
  prefix: string,
): Command {
  const fullName = prefix + phase.name;
  const children = (phase.children ?? []).filter(({ hidden }) => hidden !== true);
  const base = {
    name: phase.name,
    short: phase.short,
    ...(phase.aliases === undefined ? {} : { aliases: phase.aliases }),
    ...(phase.long === undefined ? {} : { long: phase.long }),
    ...(phase.example === undefined ? {} : { example: phase.example }),
  };
  if (children.length === 0) {
    return {
      ...base,
      flags: phaseFlags(workflow, phase.flags ?? []),
      run: (invocation) => workflow.run(invocation, [fullName]),
    };
  }
  const all: Command[] =
    phase.allFlags === undefined
      ? []
      : [
          {
            name: 'all',
            short: `${phase.short}: all of its parts`,
            flags: phaseFlags(workflow, phase.allFlags),
            run: (invocation) => workflow.run(invocation, [fullName]),
          },
        ];
  return {
    ...base,
    commands: [...all, ...children.map((child) => subCommand(workflow, child, `${fullName}/`))],
  };
}

function phaseFlags<I, H, E>(workflow: PhaseWorkflow<I, H, E>, names: readonly string[]): readonly Flag[] {
  return names.flatMap((name) => workflow.flag?.(name) ?? flagsNamed([name]));
}

/** The list of phases that ends the help of a workflow command. */
export function phaseTable<I, H, E>(command: string, phases: readonly Phase<I, H, E>[]): string {
  const rows = phases
    .filter(({ hidden }) => hidden !== true)
    .flatMap((phase) => [
      [phase.name, phase.short] as const,
      ...(phase.children ?? [])
        .filter(({ hidden }) => hidden !== true)
        .map((child) => [`  /${child.name}`, child.short] as const),
    ]);
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, short]) => `${name.padEnd(width)}${short}`);
  return `The "${command}" command executes the following phases:\n\`\`\`\n${lines.join('\n')}\n\`\`\``;
}
