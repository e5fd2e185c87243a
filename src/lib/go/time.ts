/** The form of Go's time.RFC3339, which also accepts a comma before the fraction, one digit of the hour, and a zone of 24:60. */
const form =
  /^(\d{4}-\d\d-\d\d)T(\d|[01]\d|2[0-3])((?::[0-5]\d){2})(?:[.,]\d+)?(?:Z|([+-])([01]\d|2[0-4]):([0-5]\d|60))$/;

/**
 * Reads an RFC 3339 text in whole seconds, as Go's time package does. Returns undefined if the text is not valid, or if
 * the instant in UTC is outside of the years 0 to 9999, which Go writes in a form that it cannot read again.
 */
export function parseTime(text: string): Date | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, day = '', hour = '', rest = '', sign, zoneHours = '0', zoneMinutes = '0'] = match;
  const midnight = new Date(`${day}T00:00:00Z`);
  // JavaScript reads 30 February as 2 March.
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(`${day}T`)) return undefined;
  const local = new Date(`${day}T${hour.padStart(2, '0')}${rest}Z`);
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000;
  const instant = new Date(local.getTime() - (sign === '-' ? -offset : offset));
  const year = instant.getUTCFullYear();
  return year >= 0 && year <= 9999 ? instant : undefined;
}
