import { KubeadmError, messageOf } from '../errors.ts';
import { suggestions } from '../lib/suggest.ts';
import { type FlagType, type FlagValue, type FlagValueByType, parseFlagValue } from './flag-types.ts';
import type { Flag } from './flags.ts';

/** The values of one invocation: given ones, else defaults. */
export interface FlagValues {
  readonly has: (name: string) => boolean;
  /** Whether the flag stood on the command line. */
  readonly changed: (name: string) => boolean;
  /** Names of the flags that stood on the command line, sorted. */
  readonly changedNames: () => readonly string[];
  readonly bool: (name: string) => boolean;
  /** Also of moduleSpec flags. */
  readonly string: (name: string) => string;
  /** Also of durations (milliseconds) and levels. */
  readonly number: (name: string) => number;
  readonly strings: (name: string) => readonly string[];
  readonly pairs: (name: string) => FlagValueByType['mapStringString'];
}

export interface Parsed {
  readonly values: FlagValues;
  readonly arguments: readonly string[];
  readonly helpWanted: boolean;
  /** Notices about deprecated flags, in the order of their use. */
  readonly deprecations: readonly string[];
}

const help: Flag = { name: 'help', short: 'h', type: 'bool', usage: '' };

/**
 * Reads an argument vector as pflag does: flags and arguments in any order, `--flag=value`, `--flag value`,
 * `-fvalue`, grouped single letters, `--` ends the flags; a boolean never takes the next word.
 *
 * @throws KubeadmError code `usage`, with pflag's wording
 */
export function parseFlags(argv: readonly string[], flags: readonly Flag[]): Parsed {
  const known = [...flags, help];
  const given = new Map<string, FlagValue>();
  const rest: string[] = [];
  const deprecations: string[] = [];

  const set = (flag: Flag, text: string): void => {
    try {
      given.set(flag.name, parseFlagValue(flag.type, text, given.get(flag.name)));
    } catch (error) {
      const shown = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
      throw usage(`invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${messageOf(error)}`);
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
      index += readLong(word, argv[index + 1], known, set);
    } else {
      index += readShort(word, argv[index + 1], known, set);
    }
  }
  return {
    values: flagValues(flags, given),
    arguments: rest,
    helpWanted: given.get('help') === true,
    deprecations,
  };
}

type Set = (flag: Flag, text: string) => void;

/** Returns how many further words were used. */
function readLong(word: string, next: string | undefined, known: readonly Flag[], set: Set): number {
  const split = word.indexOf('=');
  const name = word.slice(2, split === -1 ? undefined : split);
  if (name === '' || name.startsWith('-')) throw usage(`bad flag syntax: ${word}`);
  const found = known.find((flag) => flag.name === name);
  if (found === undefined) {
    const meant = suggestions(
      name,
      known.filter((flag) => flag.deprecated === undefined && flag.name.length > 1).map((flag) => flag.name),
    );
    throw usage(
      `unknown flag: --${name}`,
      meant.length === 0 ? undefined : `did you mean ${meant.map((flag) => `--${flag}`).join(' or ')}?`,
    );
  }
  if (split !== -1) {
    set(found, word.slice(split + 1));
    return 0;
  }
  if (found.type === 'bool') {
    set(found, 'true');
    return 0;
  }
  if (next === undefined) throw usage(`flag needs an argument: --${name}`);
  set(found, next);
  return 1;
}

function readShort(word: string, next: string | undefined, known: readonly Flag[], set: Set): number {
  let letters = word.slice(1);
  for (;;) {
    const letter = letters.charAt(0);
    const found = known.find((flag) => flag.short === letter);
    if (found === undefined) throw usage(`unknown shorthand flag: '${letter}' in ${word}`);
    const value = letters.slice(1);
    // As pflag: a sign with nothing behind it is itself the value.
    if (value.startsWith('=') && value !== '=') {
      set(found, value.slice(1));
      return 0;
    }
    if (found.type === 'bool') {
      set(found, 'true');
      if (value === '') return 0;
      letters = value;
      continue;
    }
    if (value !== '') {
      set(found, value);
      return 0;
    }
    if (next === undefined) throw usage(`flag needs an argument: '${letter}' in ${word}`);
    set(found, next);
    return 1;
  }
}

/**
 * The words of `argv` that are no flags, as far as that can be told before the command is known: the value
 * of a flag that takes one is left out (cobra's stripFlags).
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
    const found = word.startsWith('--')
      ? flags.find((flag) => `--${flag.name}` === word)
      : word.length === 2
        ? flags.find((flag) => `-${flag.short}` === word)
        : undefined;
    if (found !== undefined && found.type !== 'bool') index++;
  }
  return words;
}

function flagValues(flags: readonly Flag[], given: ReadonlyMap<string, FlagValue>): FlagValues {
  const value = (name: string): FlagValue => {
    const found = flags.find((flag) => flag.name === name);
    if (found === undefined) throw new Error(`flag --${name} is not one of this command`);
    return given.get(name) ?? defaultValue(found);
  };
  const expect = <T>(name: string, test: (value: FlagValue) => value is T & FlagValue): T => {
    const found = value(name);
    if (!test(found)) throw new Error(`flag --${name} is not of that type`);
    return found;
  };
  return {
    has: (name) => flags.some((flag) => flag.name === name),
    changed: (name) => given.has(name),
    changedNames: () => [...given.keys()].sort(),
    bool: (name) => expect<boolean>(name, (v) => typeof v === 'boolean'),
    string: (name) => expect<string>(name, (v) => typeof v === 'string'),
    number: (name) => expect<number>(name, (v) => typeof v === 'number'),
    strings: (name) =>
      expect<readonly string[]>(
        name,
        (v): v is readonly string[] => Array.isArray(v) && v.every((item) => typeof item === 'string'),
      ),
    pairs: (name) =>
      expect<FlagValueByType['mapStringString']>(
        name,
        (v): v is FlagValueByType['mapStringString'] =>
          Array.isArray(v) && v.every((item) => typeof item === 'object'),
      ),
  };
}

const emptyValues: FlagValueByType = {
  bool: false,
  string: '',
  strings: [],
  int: 0,
  int32: 0,
  duration: 0,
  Level: 0,
  moduleSpec: '',
  mapStringString: [],
};

function defaultValue(flag: Flag): FlagValue {
  const type: FlagType = flag.type;
  if (flag.default === undefined) return emptyValues[type];
  return parseFlagValue(
    type,
    type === 'strings' ? flag.default.replace(/^\[|\]$/g, '') : flag.default,
    undefined,
  );
}

export function usage(message: string, hint?: string): KubeadmError {
  return new KubeadmError('usage', message, hint === undefined ? {} : { hint });
}
