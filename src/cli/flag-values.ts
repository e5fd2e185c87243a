import { type FlagValue, type FlagValueByType, parseFlagValue } from './flag-types.ts';
import type { Flag, FlagName, FlagValueOf } from './flags.ts';

/** The flags of the command line. A flag is undefined if it is not set, or if its text or list is empty. */
export type GivenFlags<Name extends FlagName = FlagName> = {
  readonly [N in Name]?: FlagValueOf<N>;
};

/** The flags of one command with the values of one command line. A flag that the command does not have has no value. */
export interface CommandFlags<Name extends FlagName> {
  /** Returns the value of the command line, or the default. */
  readonly value: <N extends Name>(name: N) => FlagValueOf<N>;
  readonly given: GivenFlags<Name>;
  /** Names of all flags that the command has. */
  readonly names: ReadonlySet<string>;
  /** Names of the flags that are set on the command line, also to an empty value. */
  readonly changed: ReadonlySet<string>;
}

/** @param given the values that were read, by the names of their flags */
export function commandFlags<Name extends FlagName>(
  flags: readonly Flag<Name>[],
  given: ReadonlyMap<string, FlagValue>,
): CommandFlags<Name> {
  const defaults = flags.map((flag) => [flag.name, defaultValue(flag)] as const);
  const values = Object.fromEntries([...defaults, ...given]) as { [N in Name]: FlagValueOf<N> };
  return {
    value: (name) => values[name],
    given: Object.fromEntries([...given].filter(([, value]) => !isEmpty(value))) as GivenFlags<Name>,
    names: new Set<string>(flags.map(({ name }) => name)),
    changed: new Set(given.keys()),
  };
}

function isEmpty(value: FlagValue): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
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

function defaultValue({ default: text, type }: Flag): FlagValue {
  if (text === undefined) return emptyValues[type];
  return parseFlagValue(type, type === 'strings' ? text.replace(/^\[|\]$/g, '') : text, undefined);
}
