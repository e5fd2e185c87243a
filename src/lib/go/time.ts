/** As time.RFC3339, which takes a comma for the dot of a fraction. */
const form =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3])(?::[0-5]\d){2})(?:[.,]\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** The instant of an RFC 3339 text as Go's time package reads it, in whole seconds; undefined when it is not one. */
export function parseTime(text: string): Date | undefined {
  const [, day = '', time = '', zone = ''] = form.exec(text) ?? [];
  const midnight = new Date(`${day}T00:00:00Z`);
  // JavaScript takes 30 February for 2 March.
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(`${day}T`)) return undefined;
  return new Date(`${day}T${time}${zone}`);
}
