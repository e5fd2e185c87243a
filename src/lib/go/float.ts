/**
 * Returns the number as Go's `%g` prints it: with an exponent of at least two digits below 1e-4, and from 1e6 or from the
 * precision on.
 *
 * @param precision the number of significant digits. By default there are as many as the value needs.
 */
export function formatFloat(value: number, precision?: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const wanted = precision === undefined ? undefined : Math.min(Math.max(precision, 1), 101) - 1;
  const [digits = '', power = ''] = value.toExponential(wanted).split('e');
  const mantissa = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  const exponent = Number(power);
  const count = mantissa.replace(/[-.]/g, '').length;
  const limit = wanted === undefined ? 6 : count > exponent ? Math.max(count, exponent + 1) : wanted + 1;
  const sign = Object.is(value, -0) ? '-' : '';
  if (exponent < -4 || exponent >= limit) return sign + mantissa + exponentText(exponent);
  return sign + value.toFixed(Math.min(Math.max(count - exponent - 1, 0), 100));
}

/** Returns the number as Go's `%e` prints it. */
export function formatExponential(value: number, precision = 6): string {
  const [mantissa = '', power = '0'] = value.toExponential(Math.min(precision, 100)).split('e');
  return mantissa + exponentText(Number(power));
}

function exponentText(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
