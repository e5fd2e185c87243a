/** The one error of components/: what went wrong, and what to do about it. */
export class ComponentsError extends Error {
  override readonly name: string = 'ComponentsError';
  /** What the user can do, a sentence; undefined where the message says it all. */
  readonly hint: string | undefined;

  constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
  }
}

/** Text of anything thrown, with the hint on a line of its own. */
export function describeError(error: unknown): string {
  if (error instanceof ComponentsError && error.hint !== undefined)
    return `${error.message}\n  ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
