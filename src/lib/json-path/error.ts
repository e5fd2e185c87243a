/** A template that is not valid, or that does not fit the data. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
  /** The index of the mistake in the template; undefined while the template is used. */
  readonly at: number | undefined;
  /** The values that were found before the error. */
  readonly found: readonly unknown[];

  constructor(
    message: string,
    { at, found }: { readonly at?: number; readonly found?: readonly unknown[] } = {},
  ) {
    super(message);
    this.at = at;
    this.found = found ?? [];
  }
}
