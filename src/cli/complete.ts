import { type Command, loadCommand } from './command.ts';
import type { Flag, FlagName } from './flags.ts';
import { type CommandPath, inheritedFlags, localFlags } from './help.ts';
import { stripFlags } from './parse.ts';

type Candidate = readonly [word: string, help: string];

/** Returns the words that can follow, each with its help line. They come from the tree of commands. */
export async function complete(root: Command, words: readonly string[]): Promise<readonly Candidate[]> {
  const current = words[words.length - 1] ?? '';
  const { path, rest } = await findPath(root, words.slice(0, -1));
  const command = path[path.length - 1] ?? root;
  const flags = [...localFlags(path), ...inheritedFlags(path)];
  const candidates = valuesOf(flags, rest[rest.length - 1], current) ?? wordsOf(command, flags, current);
  return candidates.filter(([word]) => word.startsWith(current)).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Returns the commands that the words name, and the words that are left. */
async function findPath(
  root: Command,
  words: readonly string[],
): Promise<{ readonly path: CommandPath; readonly rest: readonly string[] }> {
  const path: Command[] = [root];
  let rest = [...words];
  for (;;) {
    const command = path[path.length - 1] ?? root;
    const first = stripFlags(rest, [...localFlags(path), ...inheritedFlags(path)])[0];
    const child = command.commands?.find(
      (entry) => first !== undefined && (entry.name === first.word || entry.aliases?.includes(first.word)),
    );
    if (first === undefined || child === undefined) return { path, rest };
    path.push(await loadCommand(child));
    rest = rest.toSpliced(first.index, 1);
  }
}

/** Returns undefined if the current word is not the value of a flag. */
function valuesOf(
  flags: readonly Flag<FlagName>[],
  before: string | undefined,
  current: string,
): readonly Candidate[] | undefined {
  const joined = /^(--[^=]+=)/.exec(current)?.[1];
  const name = joined?.slice(0, -1) ?? before;
  const flag = flags.find((each) => `--${each.name}` === name || `-${each.short}` === name);
  if (flag === undefined || (flag.type === 'bool' && joined === undefined)) return undefined;
  const values = flag.type === 'bool' ? ['false', 'true'] : (flag.values ?? []);
  return values.map((value) => [`${joined ?? ''}${value}`, `value of --${flag.name}`]);
}

function wordsOf(command: Command, flags: readonly Flag<FlagName>[], current: string): readonly Candidate[] {
  if (current.startsWith('-')) {
    const help = { name: 'help', usage: `help for ${command.name}`, deprecated: undefined };
    return [...flags, help]
      .filter(({ deprecated }) => deprecated === undefined)
      .map(({ name, usage }) => [`--${name}`, usage.split('\n')[0] ?? '']);
  }
  const names = (command.commands ?? [])
    .filter(({ hidden }) => hidden !== true)
    .map(({ name, short }) => [name, short] as const);
  return [...names, ...(command.argumentValues ?? []).map((value) => [value, ''] as const)];
}
