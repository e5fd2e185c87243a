import type { FlagValues } from './parse.ts';

/** Values of flags that this command has and that were set, texts and lists not empty; undefined otherwise. */
export function givenFlags(flags: FlagValues) {
  const set = (name: string): boolean => flags.has(name) && flags.changed(name);
  return {
    string: (name: string): string | undefined =>
      set(name) && flags.string(name) !== '' ? flags.string(name) : undefined,
    bool: (name: string): boolean | undefined => (set(name) ? flags.bool(name) : undefined),
    number: (name: string): number | undefined => (set(name) ? flags.number(name) : undefined),
    strings: (name: string): readonly string[] | undefined =>
      set(name) && flags.strings(name).length > 0 ? flags.strings(name) : undefined,
    pairs: (name: string): ReturnType<FlagValues['pairs']> | undefined =>
      set(name) ? flags.pairs(name) : undefined,
  };
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined. */
export function clean<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
