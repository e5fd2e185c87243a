import { formatFloat } from '../go/float.ts';
import { writeString } from './scalar.ts';

/**
 * Writes JSON data as YAML, byte for byte as sigs.k8s.io/yaml does: keys in its natural order, sequences not indented
 * under their key, long strings folded. Undefined fields are omitted. The text ends with a newline.
 *
 * @throws TypeError for values that JSON does not have (functions, symbols)
 */
export function toYaml(value: unknown): string {
  return `${block(value, { indent: 0, column: 0, depth: 0, inSequence: false }).replace(/^\n/, '')}\n`;
}

interface Place {
  /** Indent of the collection that contains the value. */
  readonly indent: number;
  /** Column at which an inline value would begin. */
  readonly column: number;
  readonly depth: number;
  readonly inSequence: boolean;
}

/** Writes the value after its key or dash. A result that begins with a line break is a collection on its own lines. */
function block(value: unknown, place: Place): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : sequence(value, place);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined);
    return entries.length === 0 ? '{}' : mapping(entries, place);
  }
  return scalar(value, place);
}

function sequence(items: readonly unknown[], place: Place): string {
  // A sequence in a mapping has the mapping's indent. A sequence in a sequence is indented by two.
  const indent = place.depth === 0 ? 0 : place.inSequence ? place.indent + 2 : place.indent;
  const lines = items.map((item) => {
    const child = { indent, column: indent + 2, depth: place.depth + 1, inSequence: true };
    return `- ${inline(block(item, child), indent + 2)}`;
  });
  return `\n${lines.map((line) => ' '.repeat(indent) + line).join('\n')}`;
}

function mapping(entries: readonly [string, unknown][], place: Place): string {
  const indent = place.depth === 0 ? 0 : place.indent + 2;
  const lines = [...entries]
    .sort(([a], [b]) => compareKeys(a, b))
    .map(([key, field]) => {
      const simple = new TextEncoder().encode(key).length <= 128 && !/[\r\n\u0085\u2028\u2029]/.test(key);
      const name = writeString(key, {
        column: simple ? indent : indent + 2,
        indent: indent + 2,
        key: simple,
      });
      const margin = ' '.repeat(indent);
      const column = simple ? indent + [...name].length + 2 : indent + 2;
      // After a key that takes its own lines, a collection begins on the line of the colon, as after a dash.
      const text = block(field, { indent, column, depth: place.depth + 1, inSequence: !simple });
      if (!simple) return `${margin}? ${name}\n${margin}: ${inline(text, column)}`;
      return `${margin}${name}:${text.startsWith('\n') ? text : ` ${text}`}`;
    });
  return `\n${lines.join('\n')}`;
}

/** Moves the first line of a collection up behind the dash. */
function inline(text: string, column: number): string {
  return text.startsWith('\n') ? text.slice(1 + column) : text;
}

function scalar(value: unknown, place: Place): string {
  switch (typeof value) {
    case 'string': {
      const indent = place.depth === 0 ? 2 : place.indent + 2;
      return writeString(value, { column: place.column, indent, key: false });
    }
    case 'number':
      return writeNumber(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
    case 'undefined':
      return 'null';
    default:
      throw new TypeError(`a ${typeof value} cannot be written as YAML`);
  }
}

/** Returns Go's shortest form. 64-bit integers have all their digits. */
function writeNumber(value: number): string {
  // Go reads it out of JSON as an int64 or uint64.
  if (Number.isInteger(value) && value > -(2 ** 63) && value < 2 ** 64) return value.toString();
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  return formatFloat(value);
}

const letter = /\p{L}/u;
const digit = /\p{Nd}/u;

/** The emitter's order of keys: digits by their value, and letters after everything else. */
export function compareKeys(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  const at = left.findIndex((character, index) => character !== right[index]);
  if (at === -1 || at >= right.length) return left.length - right.length;
  const x = left[at] ?? '';
  const y = right[at] ?? '';
  const letters = [letter.test(x), letter.test(y)] as const;
  if (letters[0] && letters[1]) return byCodePoint(x, y);
  if (letters[0] !== letters[1]) return letters[1] ? -1 : 1;
  // Digits that follow a common run of digits count with it, so that 10 and 11 compare as numbers.
  const lead = (x === '0' || y === '0') && /[1-9]\p{Nd}*$/u.test(left.slice(0, at).join('')) ? 1n : 0n;
  const numbers = [digitRun(left, at, lead), digitRun(right, at, lead)] as const;
  if (numbers[0].value !== numbers[1].value) return numbers[0].value < numbers[1].value ? -1 : 1;
  if (numbers[0].end !== numbers[1].end) return numbers[0].end - numbers[1].end;
  return byCodePoint(x, y);
}

function digitRun(
  characters: readonly string[],
  start: number,
  lead: bigint,
): { value: bigint; end: number } {
  let value = lead;
  let end = start;
  for (; end < characters.length && digit.test(characters[end] ?? ''); end++) {
    value = value * 10n + BigInt((characters[end] ?? '0').charCodeAt(0) - 48);
  }
  return { value, end };
}

function byCodePoint(x: string, y: string): number {
  return (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0);
}
