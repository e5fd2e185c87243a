/** The error of components/. It has the problem and the remedy. */
export class ComponentsError extends Error {
  override readonly name: string = 'ComponentsError';
  /** The remedy as a sentence; undefined if the message is enough. */
  readonly hint: string | undefined;

  constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
  }
}

/** The text of any thrown value. The hint is on its own line. */
export function describeError(error: unknown): string {
  if (error instanceof ComponentsError && error.hint !== undefined)
    return `${error.message}\n  ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
