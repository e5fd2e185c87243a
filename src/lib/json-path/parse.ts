import { unquoteBody } from '../go/unquote.ts';
import { JsonPathError } from './error.ts';

/** A part of a JSONPath template. */
export type PathNode =
  | { readonly type: 'text'; readonly text: string }
  /** What stands between braces. */
  | { readonly type: 'list'; readonly nodes: readonly PathNode[] }
  /** `range` and `end`. Other names are refused when the template is used. */
  | { readonly type: 'identifier'; readonly name: string }
  | { readonly type: 'field'; readonly name: string }
  | SliceNode
  | FilterNode
  | { readonly type: 'union'; readonly lists: readonly (readonly PathNode[])[] }
  | { readonly type: 'literal'; readonly value: bigint | number | boolean }
  | { readonly type: 'wildcard' | 'recursive' };

export interface SliceNode {
  readonly type: 'slice';
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly step: number | undefined;
  /** Whether the slice is a single index. */
  readonly single: boolean;
}

export interface FilterNode {
  readonly type: 'filter';
  readonly left: readonly PathNode[];
  /** A comparison, or `exists` without a right side. */
  readonly operator: string;
  readonly right: readonly PathNode[];
}

/**
 * Reads a JSONPath template of kubectl, such as `{range .items[*]}{.name}{"\n"}{end}`. Source of the behaviour:
 * client-go/util/jsonpath/parser.go.
 *
 * @throws JsonPathError with the words of upstream and the place of the first mistake
 */
export function parseJsonPath(text: string): readonly PathNode[] {
  const nodes: PathNode[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('{', at);
    const plain = text.slice(at, open === -1 ? undefined : open);
    if (plain !== '') nodes.push({ type: 'text', text: plain });
    if (open === -1) return nodes;
    const cursor: Cursor = { text, at: open + 1, nodes: [] };
    while (parseNext(cursor));
    nodes.push({ type: 'list', nodes: cursor.nodes });
    at = cursor.at;
  }
}

interface Cursor {
  readonly text: string;
  at: number;
  readonly nodes: PathNode[];
}

function fail(cursor: Cursor, message: string): never {
  throw new JsonPathError(message, { at: cursor.at });
}

/** Reads the next part between braces. Returns false behind the closing brace. */
function parseNext(cursor: Cursor): boolean {
  const { at, text } = cursor;
  const next = text[at];
  if (next === '}') {
    cursor.at++;
    return false;
  }
  if (text.startsWith('[?(', at)) parseFilter(cursor);
  else if (text.startsWith('..', at)) parseRecursive(cursor);
  else if (next === undefined || next === '\n' || next === '\r') fail(cursor, 'unclosed action');
  // The current object is where a path begins without a sign as well.
  else if (next === ' ' || next === '@' || next === '$') cursor.at++;
  else if (next === '[') parseBrackets(cursor);
  else if (next === '"' || next === "'") parseQuoted(cursor, next);
  else if (next === '.') {
    cursor.at++;
    parseField(cursor);
  } else if (/[-+0-9]/.test(next)) parseNumber(cursor);
  else if (/[\p{L}\p{Nd}_]/u.test(String.fromCodePoint(text.codePointAt(at) ?? 0))) parseIdentifier(cursor);
  else fail(cursor, `unrecognized character in action: ${codePoint(text, at)}`);
  return true;
}

function codePoint(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${String.fromCodePoint(code)}'`;
}

/** Takes the text that the pattern matches here. */
function take(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text)?.[0] ?? '';
  cursor.at += match.length;
  return match;
}

const word = /[^ \t\r\n.,[\]$@{}]*/y;
const escapedWord = /(?:\\[\s\S]|[^\\ \t\r\n.,[\]$@{}])*\\?/y;

function parseIdentifier(cursor: Cursor): void {
  const name = take(cursor, word);
  const isBool = name === 'true' || name === 'false';
  cursor.nodes.push(isBool ? { type: 'literal', value: name === 'true' } : { type: 'identifier', name });
}

/** Reads the name behind a dot. A backslash before a dot makes it a part of the name. */
function parseField(cursor: Cursor): void {
  const name = take(cursor, escapedWord);
  cursor.nodes.push(name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') });
}

function parseRecursive(cursor: Cursor): void {
  if (cursor.nodes[cursor.nodes.length - 1]?.type === 'recursive')
    fail(cursor, 'invalid multiple recursive descent');
  cursor.at += 2;
  cursor.nodes.push({ type: 'recursive' });
  const next = cursor.text.codePointAt(cursor.at);
  if (next !== undefined && /[\p{L}\p{Nd}_]/u.test(String.fromCodePoint(next))) {
    // Upstream takes the first character with the dots.
    parseField(cursor);
  }
}

function parseNumber(cursor: Cursor): void {
  const text = take(cursor, /[-+]?[0-9.]*/y);
  if (/^[-+]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text))
    cursor.nodes.push({ type: 'literal', value: BigInt(text) });
  else if (/^[-+]?(\d+\.?\d*|\.\d+)$/.test(text)) cursor.nodes.push({ type: 'literal', value: Number(text) });
  else fail(cursor, `cannot parse number ${text}`);
}

function parseQuoted(cursor: Cursor, quote: '"' | "'"): void {
  const start = cursor.at;
  let end = start;
  do {
    end = cursor.text.indexOf(quote, end + 1);
  } while (end !== -1 && cursor.text[end - 1] === '\\');
  const literal = cursor.text.slice(start, end + 1);
  if (end === -1 || literal.includes('\n')) fail(cursor, 'unterminated quoted string');
  const body = literal.slice(1, -1);
  const text = body.includes('\\') ? unquoteBody(body, quote) : body;
  if (text === undefined) fail(cursor, `unquote string ${literal} error invalid syntax`);
  cursor.at = end + 1;
  cursor.nodes.push({ type: 'text', text });
}

function parseBrackets(cursor: Cursor): void {
  const start = cursor.at;
  const end = cursor.text.indexOf(']', start);
  const inside = cursor.text.slice(start + 1, end);
  if (end === -1 || inside.includes('\n')) fail(cursor, 'unterminated array');
  const parts = inside.split(',');
  if (parts.length > 1) {
    const lists = parts.map((part) => within(cursor, `[${part.replace(/^ +| +$/g, '')}]`));
    cursor.nodes.push({ type: 'union', lists });
  } else {
    const key = /^'([^']*)'$/.exec(inside)?.[1];
    if (key === undefined) cursor.nodes.push(parseSlice(cursor, inside === '*' ? ':' : inside));
    else cursor.nodes.push(...within(cursor, `.${key}`));
  }
  cursor.at = end + 1;
}

function parseSlice(cursor: Cursor, text: string): SliceNode {
  const match = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(text);
  if (match === null) fail(cursor, `invalid array index ${text}`);
  const [start, end, step] = match.slice(1).map((part: string | undefined) => {
    if (part === undefined || part === '') return undefined;
    const value = Number(part);
    return Number.isSafeInteger(value) ? value : fail(cursor, `array index ${part} is not a number`);
  });
  if (match[2] !== undefined) return { type: 'slice', start, end, step, single: false };
  return { type: 'slice', start, end: (start ?? 0) + 1, step, single: true };
}

/** Returns the parts of a piece of the template, as if it stood in braces of its own. */
function within(cursor: Cursor, text: string): readonly PathNode[] {
  try {
    const [first] = parseJsonPath(`{${text}}`);
    return first?.type === 'list' ? first.nodes : [];
  } catch (error) {
    if (error instanceof JsonPathError) fail(cursor, error.message);
    throw error;
  }
}

function parseFilter(cursor: Cursor): void {
  const start = cursor.at + 3;
  const end = filterEnd(cursor, start);
  const text = cursor.text.slice(start, end);
  if (cursor.text[end + 1] !== ']') fail(cursor, 'unclosed array expect ]');
  const [, left, operator, right] = /^([^!<>=]+)([!<>=]+)([^\n]+?)$/.exec(text) ?? [];
  if (left === undefined || operator === undefined || right === undefined)
    cursor.nodes.push({ type: 'filter', left: within(cursor, text), operator: 'exists', right: [] });
  else
    cursor.nodes.push({ type: 'filter', left: within(cursor, left), operator, right: within(cursor, right) });
  cursor.at = end + 2;
}

/** Returns the index of the parenthesis that closes a filter. One in the first quoted text does not count. */
function filterEnd(cursor: Cursor, start: number): number {
  let quote: string | undefined;
  let closed = false;
  for (let at = start; ; at++) {
    const next = cursor.text[at];
    if (next === undefined || next === '\n') return fail(cursor, 'unterminated filter');
    if (next === ')' && (quote === undefined || closed)) return at;
    if (next !== '"' && next !== "'") continue;
    if (quote === undefined) quote = next;
    else if (next === quote && cursor.text[at - 1] !== '\\') closed = true;
  }
}
