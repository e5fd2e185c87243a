/** Command lines of components. Source: cmd/kubeadm/app/util/arguments.go. */

export interface Argument {
  readonly name: string;
  readonly value: string;
}

/**
 * Returns `--name=value` for each argument. The defaults come first, sorted by name and value, without those that an
 * override names. The overrides follow in their order, with duplicates.
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

/** Turns a record of values into arguments. */
export function toArguments(values: Readonly<Record<string, string>>): readonly Argument[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

/** The value of the last argument with this name; undefined if no argument has it. */
export function lastArgument(args: readonly Argument[], name: string): string | undefined {
  return args.findLast((argument) => argument.name === name)?.value;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
