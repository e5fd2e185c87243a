/** YAML numbers, as Go's parser reads them from plain text (go.yaml.in/yaml v2, resolve.go). */

const decimalFloat = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const integer = /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)$/;
const leadingDot = /^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/;

/**
 * Returns the number for a plain text; undefined if Go reads it as text. Whole numbers that a `number` cannot hold
 * exactly are a `bigint`. Those beyond 64 bits become the nearest float, and floats out of range are text.
 */
export function readNumber(text: string): number | bigint | undefined {
  const digits = text.replaceAll('_', '');
  if (text.startsWith('.')) return leadingDot.test(text) ? finite(digits) : undefined;
  if (!/^[-+0-9]/.test(text)) return undefined;
  if (integer.test(digits)) {
    const value = readInteger(digits);
    if (value !== undefined) return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  return decimalFloat.test(digits) ? finite(digits) : undefined;
}

/** Returns undefined if the number does not fit: int64 with a sign, uint64 without one. */
function readInteger(digits: string): bigint | undefined {
  const unsigned = digits.replace(/^[-+]/, '');
  const value = BigInt(/^0[0-7]+$/.test(unsigned) ? `0o${unsigned.slice(1)}` : unsigned.toLowerCase());
  if (digits.startsWith('-')) return value <= 1n << 63n ? -value : undefined;
  return value < 1n << (digits.startsWith('+') ? 63n : 64n) ? value : undefined;
}

function finite(digits: string): number | undefined {
  const value = Number(digits);
  return Number.isFinite(value) ? value : undefined;
}
