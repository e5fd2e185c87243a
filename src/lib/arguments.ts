/** Command lines of components. Source: cmd/kubeadm/app/util/arguments.go. */

export interface Argument {
  readonly name: string;
  readonly value: string;
}

/**
 * `--name=value` for each argument: defaults sorted by name, then value, without those that an override
 * names; then the overrides as they stand, duplicates kept.
 */
export function commandArguments(
  defaults: readonly Argument[],
  overrides: readonly Argument[],
): readonly string[] {
  const overridden = new Set(overrides.map(({ name }) => name));
  const kept = defaults
    .filter(({ name }) => !overridden.has(name))
    .toSorted((a, b) => compare(a.name, b.name) || compare(a.value, b.value));
  return [...kept, ...overrides].map(({ name, value }) => `--${name}=${value}`);
}

/** A record of values as arguments. */
export function toArguments(values: Readonly<Record<string, string>>): readonly Argument[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

/** The value of the last argument of that name; undefined when there is none. */
export function lastArgument(args: readonly Argument[], name: string): string | undefined {
  return args.findLast((argument) => argument.name === name)?.value;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
