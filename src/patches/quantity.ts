/** Quantities (`250m`, `1Gi`) in their canonical form. Source: apimachinery/pkg/api/resource/quantity.go. */

const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const pattern = /^([+-]?)(\d*)(?:\.(\d*))?((?:[KMGTPE]i)|[numkMGTPE]|(?:[eE][+-]?\d+))?$/;
/** Smaller fractions are rounded up, away from zero. */
const nano = 9;
/** Exponents beyond it are capped by Kubernetes' own range anyway. */
const maxExponent = 40;

/** The canonical text; undefined when the text is no quantity. */
export function canonicalQuantity(text: string): string | undefined {
  const match = pattern.exec(text.trim());
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const exponentForm = /^[eE][+-]?\d/.test(suffix);
  const exponent = exponentForm ? Number(suffix.slice(1)) : (decimalSuffixes[suffix] ?? 0);
  if (Math.abs(exponent) > maxExponent) return undefined;
  const nanos = toNanos(`${whole}${fraction}`, fraction.length, {
    exponent,
    binary: binarySuffixes.indexOf(suffix),
  });
  if (nanos === 0n) return '0';
  const body = format(nanos, exponentForm ? 'exponent' : suffix.endsWith('i') ? 'binary' : 'decimal');
  return sign === '-' ? `-${body}` : body;
}

function toNanos(
  digits: string,
  fractionDigits: number,
  { exponent, binary }: { readonly exponent: number; readonly binary: number },
): bigint {
  const factor = binary > 0 ? 1024n ** BigInt(binary) : 1n;
  const shift = nano + exponent - fractionDigits;
  const value = BigInt(digits) * factor;
  if (shift >= 0) return value * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (value + divisor - 1n) / divisor;
}

function format(nanos: bigint, form: 'binary' | 'decimal' | 'exponent'): string {
  const one = 10n ** BigInt(nano);
  if (form === 'binary' && nanos >= 1024n * one) {
    let value = (nanos + one - 1n) / one;
    let power = 0;
    while (value % 1024n === 0n && power < binarySuffixes.length - 1) {
      value /= 1024n;
      power++;
    }
    return `${value}${binarySuffixes[power]}`;
  }
  let value = nanos;
  let exponent = -nano;
  const top = form === 'exponent' ? Number.MAX_SAFE_INTEGER : 18;
  while (value % 1000n === 0n && exponent < top) {
    value /= 1000n;
    exponent += 3;
  }
  if (form === 'exponent') return exponent === 0 ? `${value}` : `${value}e${exponent}`;
  const suffix = Object.entries(decimalSuffixes).find(([, each]) => each === exponent)?.[0] ?? '';
  return `${value}${suffix}`;
}
