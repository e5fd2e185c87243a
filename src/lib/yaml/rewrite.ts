/**
 * Rewrites text that Go's YAML parser accepts and the YAML package does not. Inside brackets and quotes, Go ignores the
 * indentation and reads `oidc:` and `-` before a bracket or comma as text. It also ends lines at a lone CR, at NEL, and
 * outside of quotes at U+2028 and U+2029 (go.yaml.in/yaml v2, scannerc.go). Long blocks of comment lines are shortened,
 * because the package is slow with them.
 */

export interface Rewritten {
  readonly text: string;
  /** Converts an offset in `text` to the offset in the original text. */
  readonly originalOffset: (offset: number) => number;
}

/** A part of the original text, and its replacement. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The position where the scan of a line continues. */
interface Cursor {
  readonly at: number;
  /** Column of the key or dash that contains the next value; undefined if the line has none yet. */
  readonly parent: number | undefined;
}

/** Texts of at least this length are always rewritten, to shorten their comments. */
export const longText = 1 << 16;

export function rewriteForParser(original: string): Rewritten {
  const text = original
    .replace(/\r(?!\n)|\u0085/g, '\n')
    .replace(/[^\n]*[\u2028\u2029][^\n]*/g, endAtSeparators);
  const edits: Edit[] = [];
  let at = 0;
  while (at < text.length) at = scanLine(text, at, edits);
  return apply(text, edits);
}

/** The separators of lines and paragraphs end lines outside of quotes. */
function endAtSeparators(line: string): string {
  return /["']/.test(line) ? line : line.replace(/[\u2028\u2029]/g, '\n');
}

function scanLine(text: string, start: number, edits: Edit[]): number {
  const first = skipBlanks(text, start);
  if (text[first] === '#') return scanComments(text, first, edits);
  let cursor: Cursor = { at: first, parent: undefined };
  for (;;) {
    const at = skipBlanks(text, cursor.at);
    const sign = text[at];
    if (sign === undefined || sign === '\n') return at + 1;
    if (sign === '#') return lineEnd(text, at) + 1;
    if ('-?:'.includes(sign) && isBlank(text[at + 1])) cursor = { at: at + 1, parent: columnOf(text, at) };
    else if ('&*!'.includes(sign)) cursor = { ...cursor, at: skipWord(text, at) };
    else if ('"\'[{'.includes(sign)) cursor = scanCollection(text, { ...cursor, at }, edits);
    else if ('|>'.includes(sign)) return skipIndented(text, at, cursor.parent ?? columnOf(text, first) - 1);
    else {
      const end = plainEnd(text, at);
      if (text[end] !== ':') return skipContinuation(text, end, cursor.parent);
      cursor = { at: end + 1, parent: columnOf(text, at) };
    }
  }
}

/** Scans a quoted text, list or map, and the colon after it if it is a key. */
function scanCollection(text: string, { at, parent }: Cursor, edits: Edit[]): Cursor {
  const column = columnOf(text, at);
  const scan = text[at] === '"' || text[at] === "'" ? scanQuoted : scanFlow;
  const before = edits.length;
  const closed = scan(text, at, { edits, indent: column + 1 });
  // The parser's error about a missing end is best if it sees the original lines.
  if (closed === undefined) edits.length = before;
  const end = closed ?? text.length;
  const next = skipBlanks(text, end);
  return text[next] === ':' ? { at: next + 1, parent: column } : { at: Math.max(end, at + 1), parent };
}

interface Inside {
  readonly edits: Edit[];
  /** The minimum indentation of further lines. */
  readonly indent: number;
}

/** Returns the offset after the closing quote; undefined if there is none. */
function scanQuoted(text: string, start: number, inside: Inside): number | undefined {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') {
      at++;
      if (text[at] === '\n') indentLine(text, at + 1, inside);
    } else if (text[at] === '\n') indentLine(text, at + 1, inside);
    else if (text[at] === quote) {
      if (quote === '"' || text[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return undefined;
}

/** Returns the offset after the closing bracket; undefined if there is none. */
function scanFlow(text: string, start: number, inside: Inside): number | undefined {
  let level = 0;
  let at = start;
  while (at < text.length) {
    const sign = text[at] ?? '';
    if ('[{'.includes(sign)) level++;
    else if (']}'.includes(sign)) level--;
    if (level === 0) return at + 1;
    if (sign === '\n') {
      indentLine(text, at + 1, inside);
      at++;
    } else if (sign === '"' || sign === "'") at = scanQuoted(text, at, inside) ?? text.length;
    else if (sign === '#') {
      if (!isBlank(text[at - 1])) inside.edits.push({ start: at, end: at, text: ' ' });
      at = lineEnd(text, at);
    } else if (' \t\r,:?[]{}'.includes(sign)) at++;
    else at = scanFlowPlain(text, at, inside.edits);
  }
  return undefined;
}

/** Scans text in brackets. A colon or dash before a bracket or comma belongs to the text, and needs quotes here. */
function scanFlowPlain(text: string, start: number, edits: Edit[]): number {
  const pattern = /(?:[^\s,[\]{}:]|:(?![ \t\r\n]|$)|[ \t]+(?=[^\s#,[\]{}:]|:(?![ \t\r\n]|$)))+/y;
  pattern.lastIndex = start;
  const end = start + (pattern.exec(text)?.[0].length ?? 1);
  const word = text.slice(start, end);
  if ((word === '-' || word.endsWith(':')) && isFlowEnd(text[end])) {
    edits.push({ start, end, text: `'${word.replaceAll("'", "''")}'` });
  }
  return end;
}

function isFlowEnd(sign: string | undefined): boolean {
  return sign !== undefined && ',]}'.includes(sign);
}

/** Indents a line inside quotes or brackets, where Go ignores the indentation. */
function indentLine(text: string, start: number, { edits, indent }: Inside): void {
  const end = skipBlanks(text, start);
  if (text[end] === '\n' || text[end] === undefined) return;
  const given = text.slice(start, end);
  if (given.includes('\t') || given.length < indent) edits.push({ start, end, text: ' '.repeat(indent) });
}

/** Keeps one line of a block of comments. */
function scanComments(text: string, first: number, edits: Edit[]): number {
  const start = lineEnd(text, first) + 1;
  let end = start;
  for (;;) {
    const at = skipBlanks(text, end);
    if (text[at] !== '#') break;
    end = lineEnd(text, at) + 1;
  }
  if (end > start) edits.push({ start, end: Math.min(end, text.length), text: '' });
  return end;
}

/** Returns the offset after a block scalar: the first line that is not blank and not indented deeper than `parent`. */
function skipIndented(text: string, at: number, parent: number): number {
  let next = lineEnd(text, at) + 1;
  while (next < text.length) {
    const first = skipSpaces(text, next);
    if (text[first] !== '\n' && text[first] !== '\r' && first - next <= parent) return next;
    next = lineEnd(text, first) + 1;
  }
  return next;
}

/** Returns the offset after a plain text and its further lines, in which brackets and quotes have no meaning. */
function skipContinuation(text: string, at: number, parent: number | undefined): number {
  let next = lineEnd(text, at) + 1;
  while (parent !== undefined && next < text.length) {
    const first = skipSpaces(text, next);
    if (text[first] === '#' || first - next <= parent) return next;
    next = lineEnd(text, first) + 1;
  }
  return next;
}

/** Returns the end of plain text outside brackets: the colon of a key, a comment, or the end of the line. */
function plainEnd(text: string, start: number): number {
  const pattern = /:(?=[ \t\r\n]|$)|[ \t]#|\n|$/g;
  pattern.lastIndex = start;
  return pattern.exec(text)?.index ?? text.length;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r') at++;
  return at;
}

function skipSpaces(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ') at++;
  return at;
}

function skipWord(text: string, start: number): number {
  let at = start;
  while (!isBlank(text[at])) at++;
  return at;
}

function isBlank(sign: string | undefined): boolean {
  return sign === undefined || ' \t\r\n'.includes(sign);
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function columnOf(text: string, at: number): number {
  return at === 0 ? 0 : at - text.lastIndexOf('\n', at - 1) - 1;
}

function apply(text: string, edits: readonly Edit[]): Rewritten {
  const parts: string[] = [];
  const moves: { readonly from: number; readonly by: number }[] = [];
  let last = 0;
  let by = 0;
  for (const edit of edits) {
    parts.push(text.slice(last, edit.start), edit.text);
    last = edit.end;
    by += edit.end - edit.start - edit.text.length;
    moves.push({ from: edit.end - by, by });
  }
  parts.push(text.slice(last));
  const originalOffset = (offset: number): number => {
    let [low, high] = [0, moves.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((moves[middle]?.from ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return offset + (moves[low - 1]?.by ?? 0);
  };
  return { text: parts.join(''), originalOffset };
}
