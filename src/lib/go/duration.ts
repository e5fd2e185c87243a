/** Durations as Go's time package reads and writes them. Here they are milliseconds, possibly with a fraction. */

const nanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Go's limit is an int64 of nanoseconds, about 292 years. The negative limit is one nanosecond longer. */
const largest = (1n << 63n) - 1n;

/** @throws Error with Go's wording */
export function parseDuration(text: string): number {
  return Number(parseNanoseconds(text)) / 1e6;
}

/** Returns `1h0m0s`, `1.5s`, `300ms` or `0s`. A duration beyond Go's limit becomes the longest one. */
export function formatDuration(milliseconds: number): string {
  const total = BigInt(Math.round(milliseconds * 1e6));
  return formatNanoseconds(total > largest ? largest : total < -largest ? -largest - 1n : total);
}

/** Go's normal form of a duration, exact to the nanosecond. @throws Error with Go's wording */
export function normalDuration(text: string): string {
  return formatNanoseconds(parseNanoseconds(text));
}

function parseNanoseconds(text: string): bigint {
  const quoted = JSON.stringify(text);
  const [, sign = '', body = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === '0') return 0n;
  if (body === '') throw new Error(`time: invalid duration ${quoted}`);
  let total = 0n;
  let rest = body;
  while (rest !== '') {
    const match = /^(\d*)(?:\.(\d*))?([^\d.]*)/.exec(rest);
    const [part = '', whole = '', fraction = '', unit = ''] = match ?? [];
    if (whole === '' && fraction === '') throw new Error(`time: invalid duration ${quoted}`);
    if (unit === '') throw new Error(`time: missing unit in duration ${quoted}`);
    const factor = Object.hasOwn(nanoseconds, unit) ? nanoseconds[unit] : undefined;
    if (factor === undefined)
      throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    total += BigInt(whole) * factor + (BigInt(`0${fraction}`) * factor) / 10n ** BigInt(fraction.length);
    rest = rest.slice(part.length);
  }
  if (total > (sign === '-' ? largest + 1n : largest)) throw new Error(`time: invalid duration ${quoted}`);
  return sign === '-' ? -total : total;
}

function formatNanoseconds(duration: bigint): string {
  const sign = duration < 0n ? '-' : '';
  const total = duration < 0n ? -duration : duration;
  if (total === 0n) return '0s';
  if (total < 1_000n) return `${sign}${total}ns`;
  if (total < 1_000_000n) return `${sign}${decimal(total, 3)}µs`;
  if (total < 1_000_000_000n) return `${sign}${decimal(total, 6)}ms`;
  const minutes = total / 60_000_000_000n;
  const seconds = `${decimal(total % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return hours === 0n ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60n}m${seconds}`;
}

/** value / 10^digits without trailing zeros. */
function decimal(value: bigint, digits: number): string {
  const text = value.toString().padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return fraction === '' ? text.slice(0, -digits) : `${text.slice(0, -digits)}.${fraction}`;
}
