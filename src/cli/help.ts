import type { Command, CommandEntry } from './command.ts';
import { type Flag, type FlagName, globalFlags } from './flags.ts';

/** A command after all commands above it, which begin with the root. */
export type CommandPath = readonly Command[];

export function pathText(path: CommandPath): string {
  return path.map(({ name }) => name).join(' ');
}

/** Returns the flags that the last command of the path defines, persistent or not, sorted by name. */
export function localFlags(path: CommandPath): readonly Flag<FlagName>[] {
  const command = path[path.length - 1];
  const own = [...(command?.flags ?? []), ...(command?.persistentFlags ?? [])];
  return sorted(path.length === 1 ? [...own, ...globalFlags] : own);
}

/** Returns the persistent flags of the commands above, sorted. A flag of the command itself hides one of the same name. */
export function inheritedFlags(path: CommandPath): readonly Flag<FlagName>[] {
  if (path.length === 1) return [];
  const above = path.slice(0, -1).flatMap(({ persistentFlags }) => persistentFlags ?? []);
  const own = new Set<string>(localFlags(path).map(({ name }) => name));
  return sorted([...globalFlags, ...above].filter(({ name }) => !own.has(name)));
}

/** Returns help in cobra's layout, which tools parse. */
export function helpText(path: CommandPath): string {
  const command = path[path.length - 1];
  if (command === undefined) return '';
  const about = `${(command.long ?? command.short).trimEnd()}\n\n`;
  // A help topic has no usage.
  return isTopic(command) ? about : about + usageText(path);
}

export function usageText(path: CommandPath): string {
  const command = path[path.length - 1];
  if (command === undefined) return '';
  const name = pathText(path);
  const parts: string[] = [usageLines(command, path)];
  if (command.aliases !== undefined)
    parts.push(`Aliases:\n  ${[command.name, ...command.aliases].join(', ')}`);
  if (command.example !== undefined) parts.push(`Examples:\n${command.example}`);
  const listed = listedCommands(path);
  const topics = listed.filter(isTopic);
  const available = listed.filter((entry) => !isTopic(entry));
  if (available.length > 0)
    parts.push(
      `Available Commands:\n${nameColumn(
        available.map((c) => [c.name, c.short]),
        11,
      )}`,
    );
  const local = visible([...localFlags(path), helpFlag(command)]);
  parts.push(`Flags:\n${flagLines(local)}`);
  const inherited = visible(inheritedFlags(path));
  if (inherited.length > 0) parts.push(`Global Flags:\n${flagLines(inherited)}`);
  if (topics.length > 0) {
    // As in cobra, all commands of the list have the same width.
    const width = Math.max(...listed.map((c) => `${name} ${c.name}`.length));
    parts.push(
      `Additional help topics:\n${nameColumn(
        topics.map((c) => [`${name} ${c.name}`, c.short]),
        width,
      )}`,
    );
  }
  if (available.length > 0)
    parts.push(`Use "${name} [command] --help" for more information about a command.`);
  return `${parts.join('\n\n')}\n`;
}

function usageLines(command: Command, path: CommandPath): string {
  const name = pathText(path);
  const { argumentsHelp = '' } = command;
  const positional = argumentsHelp === '' ? '' : ` ${argumentsHelp}`;
  const lines: string[] = [];
  const hasChildren = (command.commands?.length ?? 0) > 0;
  if (path.length > 1) lines.push(`  ${name}${positional} [flags]`);
  if (hasChildren || path.length === 1) lines.push(`  ${name} [command]`);
  return `Usage:\n${lines.join('\n')}`;
}

const helpCommand: CommandEntry = {
  name: 'help',
  short: 'Help about any command',
  run: async () => undefined,
};

function listedCommands(path: CommandPath): readonly CommandEntry[] {
  const command = path[path.length - 1];
  const children = (command?.commands ?? []).filter(({ hidden }) => hidden !== true);
  const all = path.length === 1 ? [...children, helpCommand] : children;
  return [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether a command only shows its help and has no sub-commands. */
function isTopic(entry: CommandEntry): boolean {
  return (
    entry.helpOnly === true &&
    !('commands' in entry && (entry.commands?.length ?? 0) > 0) &&
    !('load' in entry)
  );
}

function helpFlag(command: Command): Flag {
  return { name: 'help', short: 'h', type: 'bool', usage: `help for ${command.name}` };
}

function visible(flags: readonly Flag[]): readonly Flag[] {
  return sorted(flags.filter(({ deprecated }) => deprecated === undefined));
}

function sorted<Name extends string>(flags: readonly Flag<Name>[]): readonly Flag<Name>[] {
  return [...flags].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function nameColumn(rows: readonly (readonly [string, string])[], minimum: number): string {
  const width = Math.max(minimum, ...rows.map(([name]) => name.length));
  return rows.map(([name, short]) => `  ${name.padEnd(width)} ${short}`.trimEnd()).join('\n');
}

function flagLines(flags: readonly Flag[]): string {
  const heads = flags.map((flag) => {
    const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
    return `  ${short}--${flag.name}${flag.type === 'bool' ? '' : ` ${flag.type}`}`;
  });
  const width = Math.max(...heads.map((head) => head.length));
  return flags
    .map((flag, index) => {
      const head = (heads[index] ?? '').padEnd(width);
      const usage = flag.usage.split('\n').join(`\n${' '.repeat(width + 3)}`);
      return `${head}   ${usage}${defaultText(flag)}`;
    })
    .join('\n');
}

function defaultText(flag: Flag): string {
  if (flag.default === undefined || ['', 'false', '0', '0s', '[]'].includes(flag.default)) return '';
  return flag.type === 'string' ? ` (default ${JSON.stringify(flag.default)})` : ` (default ${flag.default})`;
}
