/** Quantities (`250m`, `1Gi`). Source: apimachinery/pkg/api/resource/quantity.go. */

const decimalExponents: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const parts = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[+-]?\d*)$/;
/** The smallest fraction that a quantity holds is 10^-9. */
const nano = 9;
const one = 10n ** BigInt(nano);
/** The number of digits up to which Go keeps a number as it was written. */
const maxWrittenDigits = 18;
const maxInt64 = 2n ** 63n - 1n;
/** The largest exponent. Upstream has no limit, and a short text could then make a number of a million digits. */
const maxExponent = 1000;

interface Unit {
  readonly form: 'binary' | 'decimal' | 'exponent';
  /** The exponent to the base 2 or 10. */
  readonly exponent: number;
}

interface Numeral {
  /** The digits without leading zeros, at least `0`. */
  readonly whole: string;
  readonly fraction: string;
}

/**
 * Returns the text that Go writes after it has read this text from JSON. A short number whose exponent is a multiple of
 * three stays as it was written, and other numbers get their canonical form. Blanks around the text are ignored.
 * Go writes `1000E` as `1`, but this function keeps the value.
 *
 * @returns undefined for a text that Kubernetes does not read as a quantity, and for an exponent beyond ±1000
 */
export function canonicalQuantity(text: string): string | undefined {
  const trimmed = text.trim();
  const match = trimmed === '' ? null : parts.exec(trimmed);
  if (match === null) return undefined;
  const [, sign = '', digits = '', fraction = '', suffix = ''] = match;
  const unit = unitOf(suffix);
  if (unit === undefined) return undefined;
  const numeral = { whole: digits.replace(/^0+/, '') || '0', fraction };
  const short = isShort(numeral, unit);
  // Go reads a short text without a digit as 0, and refuses a long one.
  if (digits + fraction === '' && !short) return undefined;
  if (short && isKept(numeral, unit)) return trimmed;
  const nanos = toNanos(numeral, unit);
  if (nanos === 0n) return '0';
  const body = format(nanos, unit.form);
  return sign === '-' ? `-${body}` : body;
}

function unitOf(suffix: string): Unit | undefined {
  const decimal = decimalExponents.get(suffix);
  if (decimal !== undefined) return { form: 'decimal', exponent: decimal };
  const power = binarySuffixes.indexOf(suffix);
  if (power > 0) return { form: 'binary', exponent: 10 * power };
  if (!/^[eE][+-]?\d+$/.test(suffix)) return undefined;
  const exponent = Number(suffix.slice(1));
  return Math.abs(exponent) > maxExponent ? undefined : { form: 'exponent', exponent };
}

/** Whether Go reads the number as an int64. */
function isShort({ whole, fraction }: Numeral, { form, exponent }: Unit): boolean {
  if (form === 'binary') {
    return fraction === '' && 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1 >= 0;
  }
  return whole.length + fraction.length <= maxWrittenDigits && exponent - fraction.length >= -nano;
}

/** Whether Go writes a short number again as it was written. */
function isKept({ whole, fraction }: Numeral, { form, exponent }: Unit): boolean {
  if (form === 'binary') return BigInt(whole) % 8n !== 0n;
  const digits = whole + fraction;
  return (exponent - fraction.length) % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

/** The absolute value in units of 10^-9. Smaller fractions are rounded up. */
function toNanos({ whole, fraction }: Numeral, { form, exponent }: Unit): bigint {
  const binary = form === 'binary';
  const value = BigInt(whole + fraction) * (binary ? 2n ** BigInt(exponent) : 1n);
  const shift = nano + (binary ? 0 : exponent) - fraction.length;
  const nanos = shift >= 0 ? value * 10n ** BigInt(shift) : divideUp(value, 10n ** BigInt(-shift));
  return binary && nanos > maxInt64 * one ? maxInt64 * one : nanos;
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function format(nanos: bigint, form: Unit['form']): string {
  if (form === 'binary' && nanos >= 1024n * one && nanos % one === 0n) {
    const { value, steps } = withoutFactors(nanos / one, 1024n, binarySuffixes.length - 1);
    return `${value}${binarySuffixes[steps]}`;
  }
  const most = form === 'exponent' ? Number.POSITIVE_INFINITY : (18 + nano) / 3;
  const { value, steps } = withoutFactors(nanos, 1000n, most);
  const exponent = 3 * steps - nano;
  if (form === 'exponent') return exponent === 0 ? `${value}` : `${value}e${exponent}`;
  const suffix = [...decimalExponents].find(([, each]) => each === exponent)?.[0] ?? '';
  return `${value}${suffix}`;
}

function withoutFactors(number: bigint, factor: bigint, most: number): { value: bigint; steps: number } {
  let value = number;
  let steps = 0;
  while (value % factor === 0n && steps < most) {
    value /= factor;
    steps++;
  }
  return { value, steps };
}
