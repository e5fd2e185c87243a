import { messageOf, usageError } from '../errors.ts';
import { suggestions } from '../lib/suggest.ts';
import { type FlagValue, parseFlagValue } from './flag-types.ts';
import { type CommandFlags, commandFlags } from './flag-values.ts';
import type { Flag, FlagName } from './flags.ts';

export interface Parsed<Name extends FlagName> {
  readonly flags: CommandFlags<Name>;
  readonly arguments: readonly string[];
  readonly helpWanted: boolean;
  /** Notices about deprecated flags, in the order of their use. */
  readonly deprecations: readonly string[];
}

const help: Flag<string> = { name: 'help', short: 'h', type: 'bool', usage: '' };

/**
 * Reads an argument vector as pflag does. Flags and arguments can have any order. It reads `--flag=value`,
 * `--flag value`, `-fvalue` and grouped single letters. `--` ends the flags. A boolean never takes the next word.
 *
 * @throws KubeadmError code `usage`, with pflag's wording
 */
export function parseFlags<Name extends FlagName>(
  argv: readonly string[],
  flags: readonly Flag<Name>[],
): Parsed<Name> {
  const allFlags: readonly Flag[] = [...flags, help];
  const given = new Map<string, FlagValue>();
  const rest: string[] = [];
  const deprecations: string[] = [];

  const set = (flag: Flag, text: string): void => {
    try {
      given.set(flag.name, parseFlagValue(flag.type, text, given.get(flag.name)));
    } catch (error) {
      const shown = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
      throw usageError(`invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${messageOf(error)}`);
    }
    if (flag.deprecated !== undefined) {
      deprecations.push(`Flag --${flag.name} has been deprecated, ${flag.deprecated}`);
    }
  };

  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (word === '--') {
      rest.push(...argv.slice(index + 1));
      break;
    }
    if (word === '-' || !word.startsWith('-')) {
      rest.push(word);
    } else if (word.startsWith('--')) {
      index += readLong(word, argv[index + 1], { allFlags, set });
    } else {
      index += readShort(word, argv[index + 1], { allFlags, set });
    }
  }
  return {
    flags: commandFlags(flags, given),
    arguments: rest,
    helpWanted: given.get('help') === true,
    deprecations,
  };
}

interface Reading {
  readonly allFlags: readonly Flag[];
  readonly set: (flag: Flag, text: string) => void;
}

/** Returns the number of further words that it read. */
function readLong(word: string, next: string | undefined, { allFlags, set }: Reading): number {
  const split = word.indexOf('=');
  const name = word.slice(2, split === -1 ? undefined : split);
  if (name === '' || name.startsWith('-')) throw usageError(`bad flag syntax: ${word}`);
  const match = allFlags.find((flag) => flag.name === name);
  if (match === undefined) {
    const meant = suggestions(
      name,
      allFlags
        .filter((flag) => flag.deprecated === undefined && flag.name.length > 1)
        .map((flag) => flag.name),
    );
    throw usageError(
      `unknown flag: --${name}`,
      meant.length === 0 ? undefined : `did you mean ${meant.map((flag) => `--${flag}`).join(' or ')}?`,
    );
  }
  if (split !== -1) {
    set(match, word.slice(split + 1));
    return 0;
  }
  if (match.type === 'bool') {
    set(match, 'true');
    return 0;
  }
  if (next === undefined) throw usageError(`flag needs an argument: --${name}`);
  set(match, next);
  return 1;
}

function readShort(word: string, next: string | undefined, { allFlags, set }: Reading): number {
  let letters = word.slice(1);
  for (;;) {
    const letter = letters.charAt(0);
    const match = allFlags.find((flag) => flag.short === letter);
    if (match === undefined) throw usageError(`unknown shorthand flag: '${letter}' in ${word}`);
    const value = letters.slice(1);
    // An equals sign at the end is itself the value, as in pflag.
    if (value.startsWith('=') && value !== '=') {
      set(match, value.slice(1));
      return 0;
    }
    if (match.type === 'bool') {
      set(match, 'true');
      if (value === '') return 0;
      letters = value;
      continue;
    }
    if (value !== '') {
      set(match, value);
      return 0;
    }
    if (next === undefined) throw usageError(`flag needs an argument: '${letter}' in ${word}`);
    set(match, next);
    return 1;
  }
}

/**
 * Returns the words of `argv` that are neither flags nor values of flags. The command is not known yet, so a flag that is
 * not in `flags` takes the next word as its value (cobra's stripFlags).
 */
export function stripFlags(
  argv: readonly string[],
  flags: readonly Flag[],
): readonly { word: string; index: number }[] {
  const words: { word: string; index: number }[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (word === '--') break;
    if (!word.startsWith('-') || word === '-') {
      if (word !== '') words.push({ word, index });
      continue;
    }
    if (word.includes('=')) continue;
    if (!word.startsWith('--') && word.length !== 2) continue;
    const match = [...flags, help].find(({ name, short }) => word === `--${name}` || word === `-${short}`);
    // An unknown flag can be a flag of a sub-command, and most of those take a value.
    if (match?.type !== 'bool') index++;
  }
  return words;
}
