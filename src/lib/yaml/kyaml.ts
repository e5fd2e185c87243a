import { isList, isObject } from '../json-value.ts';
import { isPlainString } from './scalar.ts';

/**
 * Writes JSON data as a document of KYAML, byte for byte as sigs.k8s.io/yaml/kyaml does: with braces and brackets, quoted
 * strings and a header. Fields keep their order, and undefined fields are omitted. The text ends with a newline.
 *
 * @throws TypeError for values that JSON does not have (functions, symbols)
 */
export function toKyaml(value: unknown): string {
  return `---\n${write(value, 0)}\n`;
}

function write(value: unknown, depth: number): string {
  if (isList(value)) return writeList(value, depth);
  if (isObject(value)) return writeMap(value, depth);
  switch (typeof value) {
    case 'string':
      return value.includes('\n')
        ? multiLine(value, depth + 1)
        : `"${value.replaceAll(special, escapeInText)}"`;
    case 'undefined':
    case 'object':
      return 'null';
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      throw new TypeError(`a ${typeof value} cannot be written as KYAML`);
  }
}

function indent(depth: number): string {
  return '  '.repeat(depth);
}

/** Lists of only lists and maps need no lines of their own for the brackets. */
function writeList(items: readonly unknown[], depth: number): string {
  if (items.length === 0) return '[]';
  if (items.every((item) => isList(item) || isObject(item)))
    return `[${items.map((item) => write(item, depth)).join(', ')}]`;
  const lines = items.map((item) => `${indent(depth + 1)}${write(item, depth + 1)},\n`);
  return `[\n${lines.join('')}${indent(depth)}]`;
}

function writeMap(map: Readonly<Record<string, unknown>>, depth: number): string {
  const entries = Object.entries(map).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return '{}';
  const lines = entries.map(
    ([key, value]) => `${indent(depth + 1)}${writeKey(key)}: ${write(value, depth + 1)},\n`,
  );
  return `{\n${lines.join('')}${indent(depth)}}`;
}

/** Quotes a key that a parser could read as another type than a string. */
function writeKey(key: string): string {
  const isWord = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_./-]*[\p{L}\p{N}_])?$/u.test(key);
  if (isWord && isPlainString(key) && isPlainString(key.toLowerCase()) && !looksLikeGoValue(key)) return key;
  return `"${key.replaceAll(special, escapeInKey)}"`;
}

/** Whether Go's strconv reads the text as a boolean or a number. */
function looksLikeGoValue(text: string): boolean {
  const plain = text.replaceAll('_', '');
  return (
    /^[tf]$/i.test(text) ||
    /^(?:0x[0-9a-f]+|0b[01]+|0o?[0-7]+|inf|infinity|nan)$/i.test(plain) ||
    /^(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(plain) ||
    /^0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)p[-+]?\d+$/i.test(plain)
  );
}

/** The characters that Go does not print as they are, and the two that quotes need escaped. */
const special = /["\\]|[^ \p{L}\p{M}\p{N}\p{P}\p{S}]/gu;

/** The text keeps its lines: each ends with an escaped line break, which YAML drops. */
function multiLine(text: string, depth: number): string {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const written = lines.map(
    (line) => `${margin(line, depth)}${line.replaceAll(special, escapeInText)}\\n\\\n`,
  );
  if (last !== '') written.push(`${margin(last, depth)}${last.replaceAll(special, escapeInText)}\\\n`);
  return `"\\\n${written.join('')}${indent(depth)}"`;
}

/** The space at the beginning of a line is escaped, because YAML drops it otherwise. */
function margin(line: string, depth: number): string {
  return indent(depth) + (/^[\s\u0085]/u.test(line) && !line.startsWith('\ufeff') ? '\\' : ' ');
}

function escapeInText(character: string): string {
  return character === '\t' ? character : escapeCharacter(character);
}

function escapeInKey(character: string): string {
  return character === '\t' ? '\\t' : character === '\n' ? '\\n' : escapeCharacter(character);
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\r': '\\r',
  '\v': '\\v',
  '\u001b': '\\e',
  '\u0085': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function escapeCharacter(character: string): string {
  const known = escapes[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
