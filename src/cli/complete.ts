import { type Command, loadCommand } from './command.ts';
import { inheritedFlags, localFlags } from './help.ts';
import { stripFlags } from './parse.ts';

/** Returns the words that can follow, each with its help line. They come from the tree of commands. */
export async function complete(
  root: Command,
  words: readonly string[],
): Promise<readonly [string, string][]> {
  const current = words[words.length - 1] ?? '';
  let rest = words.slice(0, -1);
  const path: Command[] = [root];
  for (;;) {
    const command = path[path.length - 1] ?? root;
    const first = stripFlags(rest, [...localFlags(path), ...inheritedFlags(path)])[0];
    const child = command.commands?.find(
      (entry) => first !== undefined && (entry.name === first.word || entry.aliases?.includes(first.word)),
    );
    if (first === undefined || child === undefined) break;
    path.push(await loadCommand(child));
    rest = rest.toSpliced(first.index, 1);
  }
  const command = path[path.length - 1] ?? root;
  const flags = [...localFlags(path), ...inheritedFlags(path)];
  const before = rest[rest.length - 1];
  const takesValue = flags.some((flag) => flag.type !== 'bool' && before === `--${flag.name}`);
  if (takesValue) return [];
  const candidates: (readonly [string, string])[] = current.startsWith('-')
    ? [...flags, { name: 'help', usage: `help for ${command.name}`, deprecated: undefined }]
        .filter(({ deprecated }) => deprecated === undefined)
        .map((flag) => [`--${flag.name}`, flag.usage.split('\n')[0] ?? ''] as const)
    : (command.commands ?? [])
        .filter(({ hidden }) => hidden !== true)
        .map(({ name, short }) => [name, short] as const);
  return candidates
    .filter(([word]) => word.startsWith(current))
    .map(([word, text]) => [word, text] as [string, string])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
