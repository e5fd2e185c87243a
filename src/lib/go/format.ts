import { formatExponential, formatFloat } from './float.ts';
import { goQuote } from './quote.ts';
import { type GoValue, goType, isGoList, isGoMap, sortedEntries } from './value.ts';

/** Longest text of one call, in UTF-16 units. A template could double a text again and again. */
const longest = 1 << 22;
/** Go refuses a larger width or precision. */
const widest = 1_000_000;

interface Spec {
  readonly verb: string;
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

const plain: Spec = { verb: 'v', flags: '', width: undefined, precision: undefined };

/** Returns the operands as Go's fmt.Sprint: with a space between two operands that are not strings. */
export function sprint(values: readonly GoValue[]): string {
  let text = '';
  values.forEach((value, index) => {
    const before = values[index - 1];
    if (index > 0 && typeof before !== 'string' && typeof value !== 'string') text += ' ';
    text += formatValue(value, plain);
  });
  return bounded(text);
}

/** Returns the operands as Go's fmt.Sprintln. */
export function sprintln(values: readonly GoValue[]): string {
  return bounded(`${values.map((value) => formatValue(value, plain)).join(' ')}\n`);
}

/**
 * Returns the text of Go's fmt.Sprintf, with its notes on wrong operands such as `%!d(string=a)`.
 *
 * @throws Error for a verb or flag of Go that this function does not have, such as `%T` and `%[1]d`
 */
export function sprintf(format: string, values: readonly GoValue[]): string {
  let used = 0;
  let text = '';
  let end = 0;
  for (const match of format.matchAll(/%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(.)?/gsu)) {
    text += format.slice(end, match.index);
    end = match.index + match[0].length;
    const [, flags = '', width, precision, verb] = match;
    const number = (given: string | undefined, name: string): number | undefined => {
      if (given !== '*') return given === undefined ? undefined : bound(Number(given), name);
      const value = values[used++];
      if (typeof value === 'bigint' && value >= 0 && value <= widest) return Number(value);
      throw new Error(`printf: the ${name} of * has to be a number from 0 to ${widest}`);
    };
    const spec = { flags, width: number(width, 'width'), precision: number(precision, 'precision') };
    if (verb === undefined) text += '%!(NOVERB)';
    else if (verb === '%') text += '%';
    else if (used >= values.length) text += `%!${known({ ...spec, verb }).verb}(MISSING)`;
    else text += formatValue(values[used++], known({ ...spec, verb }));
    bounded(text);
  }
  text += format.slice(end);
  const extra = values.slice(used);
  if (extra.length === 0) return bounded(text);
  const shown = extra.map((value) =>
    value === undefined || value === null ? '<nil>' : `${goType(value)}=${formatValue(value, plain)}`,
  );
  return bounded(`${text}%!(EXTRA ${shown.join(', ')})`);
}

function bound(value: number, name: string): number {
  if (value > widest) throw new Error(`printf: the ${name} ${value} is larger than ${widest}`);
  return value;
}

function bounded(text: string): string {
  if (text.length > longest) throw new Error(`the text has more than ${longest} characters`);
  return text;
}

/** Verbs and flags of Go with another meaning than here. */
function known(spec: Spec): Spec {
  const { flags, verb } = spec;
  const sharp = flags.includes('#') && !'boxX'.includes(verb);
  if ('Tp['.includes(verb) || sharp || (flags.includes('+') && verb === 'q'))
    throw new Error(`printf: %${flags}${verb} is not supported`);
  return spec;
}

function formatValue(value: GoValue, spec: Spec): string {
  if (value === undefined || value === null)
    return spec.verb === 'v' ? pad('<nil>', spec) : `%!${spec.verb}(<nil>)`;
  const nested = (item: GoValue): string =>
    item === undefined || item === null ? '<nil>' : formatValue(item, spec);
  if (isGoList(value)) return `[${value.map(nested).join(' ')}]`;
  if (isGoMap(value)) {
    const entries = sortedEntries(value).map(([key, item]) => `${formatValue(key, spec)}:${nested(item)}`);
    return `map[${entries.join(' ')}]`;
  }
  return (
    formatScalar(value, spec) ??
    `%!${spec.verb}(${goType(value)}=${formatValue(value, { ...spec, verb: 'v' })})`
  );
}

/** Returns undefined for a verb that values of this type do not have. */
function formatScalar(value: boolean | bigint | number | string, spec: Spec): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return 'vt'.includes(spec.verb) ? pad(String(value), spec) : undefined;
    case 'bigint':
      return formatInteger(value, spec);
    case 'number':
      return formatNumber(value, spec);
    case 'string':
      return formatString(value, spec);
  }
}

function formatString(text: string, spec: Spec): string | undefined {
  const { precision, verb } = spec;
  switch (verb) {
    case 'v':
    case 's':
      return pad([...text].slice(0, precision).join(''), spec);
    case 'q':
      return pad(goQuote([...text].slice(0, precision).join('')), spec);
    case 'x':
    case 'X': {
      if (/[# ]/.test(spec.flags))
        throw new Error(`printf: %${spec.flags}${verb} of a string is not supported`);
      const bytes = new TextEncoder().encode(text).slice(0, precision);
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      return pad(verb === 'X' ? hex.toUpperCase() : hex, spec);
    }
    default:
      return undefined;
  }
}

const bases: Readonly<Record<string, readonly [number, string]>> = {
  v: [10, ''],
  d: [10, ''],
  b: [2, '0b'],
  o: [8, '0'],
  x: [16, '0x'],
  X: [16, '0X'],
};

function formatInteger(value: bigint, spec: Spec): string | undefined {
  const { flags, precision, verb, width } = spec;
  if ('cqUO'.includes(verb)) throw new Error(`printf: %${verb} of a number is not supported`);
  const base = bases[verb];
  if (base === undefined) return undefined;
  const sign = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  if (precision === 0 && value === 0n) return pad('', { ...spec, flags: '' });
  const zeros = flags.includes('0') && !flags.includes('-') && width !== undefined;
  const least = precision ?? (zeros ? width - sign.length : 0);
  const digits = (value < 0n ? -value : value).toString(base[0]).padStart(least, '0');
  const prefix = !flags.includes('#') || (verb === 'o' && digits.startsWith('0')) ? '' : base[1];
  const number = sign + prefix + (verb === 'X' ? digits.toUpperCase() : digits);
  return pad(number, { ...spec, flags: flags.replaceAll('0', '') });
}

function formatNumber(value: number, spec: Spec): string | undefined {
  const { flags, precision, verb, width } = spec;
  if ('bxX'.includes(verb)) throw new Error(`printf: %${verb} of a number with a fraction is not supported`);
  const written = floatText(value, verb, precision);
  if (written === undefined) return undefined;
  const sign = written.startsWith('-') ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const digits = written.replace(/^[-+]/, '');
  const zeros = flags.includes('0') && !flags.includes('-') && Number.isFinite(value);
  const least = zeros ? (width ?? 0) - sign.length : 0;
  return pad(sign + digits.padStart(least, '0'), { ...spec, flags: flags.replaceAll('0', '') });
}

function floatText(value: number, verb: string, precision: number | undefined): string | undefined {
  if (!'vgGeEfF'.includes(verb)) return undefined;
  if (!Number.isFinite(value)) return formatFloat(value);
  const lower = verb.toLowerCase();
  if (lower === 'e') return cased(formatExponential(value, precision), verb);
  if (lower === 'f') return fixed(value, precision ?? 6);
  return cased(formatFloat(value, precision), verb);
}

function fixed(value: number, precision: number): string {
  if (Math.abs(value) < 1e21) {
    const digits = Math.min(precision, 100);
    const exact = value.toFixed(100);
    const end = exact.length - (100 - digits);
    // Go rounds a half to the even digit, and JavaScript rounds it up.
    const even = /[02468]\.?$/.test(exact.slice(0, end)) && /^50*$/.test(exact.slice(end));
    return even ? exact.slice(0, end).replace(/\.$/, '') : value.toFixed(digits);
  }
  return BigInt(value) + (precision === 0 ? '' : `.${'0'.repeat(precision)}`);
}

function cased(text: string, verb: string): string {
  return verb === verb.toUpperCase() ? text.toUpperCase() : text;
}

function pad(text: string, { flags, width = 0 }: Spec): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  return (flags.includes('0') ? '0' : ' ').repeat(missing) + text;
}
