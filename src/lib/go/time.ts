/** The form of Go's time.RFC3339, which also accepts a comma before the fraction. */
const form =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3])(?::[0-5]\d){2})(?:[.,]\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Reads an RFC 3339 text in whole seconds, as Go's time package does. Returns undefined if the text is not valid. */
export function parseTime(text: string): Date | undefined {
  const [, day = '', time = '', zone = ''] = form.exec(text) ?? [];
  const midnight = new Date(`${day}T00:00:00Z`);
  // JavaScript reads 30 February as 2 March.
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(`${day}T`)) return undefined;
  return new Date(`${day}T${time}${zone}`);
}
