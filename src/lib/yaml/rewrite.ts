/**
 * Rewrites what Go's YAML parser reads and the YAML package does not: inside of brackets and quotes Go does not look at
 * the indentation, takes `oidc:` and `-` before a bracket or comma for text, and ends lines at a lone CR
 * (go.yaml.in/yaml v2, scannerc.go). Long runs of comment lines are shortened, as the package takes its time for them.
 */

export interface Rewritten {
  readonly text: string;
  /** The offset in the original text that an offset in `text` stands for. */
  readonly originalOffset: (offset: number) => number;
}

/** A part of the original text and what stands there instead. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where the scan of a line goes on. */
interface Cursor {
  readonly at: number;
  /** Column of the key or dash that holds what follows; undefined when the line has not shown one. */
  readonly parent: number | undefined;
}

/** Texts of this length are rewritten in any case, for the sake of their comments. */
export const longText = 1 << 16;

export function rewriteForParser(original: string): Rewritten {
  const text = original.replace(/\r(?!\n)/g, '\n');
  const edits: Edit[] = [];
  let at = 0;
  while (at < text.length) at = scanLine(text, at, edits);
  return apply(text, edits);
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

/** A quoted text, list or map, and the colon after it when it is a key. */
function scanCollection(text: string, { at, parent }: Cursor, edits: Edit[]): Cursor {
  const column = columnOf(text, at);
  const scan = text[at] === '"' || text[at] === "'" ? scanQuoted : scanFlow;
  const before = edits.length;
  const closed = scan(text, at, { edits, indent: column + 1 });
  // The parser says best where the end is missing when it sees the lines as they are.
  if (closed === undefined) edits.length = before;
  const end = closed ?? text.length;
  const next = skipBlanks(text, end);
  return text[next] === ':' ? { at: next + 1, parent: column } : { at: Math.max(end, at + 1), parent };
}

interface Inside {
  readonly edits: Edit[];
  /** What further lines are indented by at least. */
  readonly indent: number;
}

/** The offset behind the closing quote; undefined without one. */
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

/** The offset behind the closing bracket; undefined without one. */
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

/** Text in brackets: a colon or dash that a bracket or comma follows belongs to it, and needs quotes here. */
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

/** A line inside of quotes or brackets: its indentation means nothing to Go. */
function indentLine(text: string, start: number, { edits, indent }: Inside): void {
  const end = skipBlanks(text, start);
  if (text[end] === '\n' || text[end] === undefined) return;
  const given = text.slice(start, end);
  if (given.includes('\t') || given.length < indent) edits.push({ start, end, text: ' '.repeat(indent) });
}

/** One line of a run of comments is enough. */
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

/** Behind a block scalar: the line after the last one that is blank or further in than `parent`. */
function skipIndented(text: string, at: number, parent: number): number {
  let next = lineEnd(text, at) + 1;
  while (next < text.length) {
    const first = skipSpaces(text, next);
    if (text[first] !== '\n' && text[first] !== '\r' && first - next <= parent) return next;
    next = lineEnd(text, first) + 1;
  }
  return next;
}

/** Behind a plain text and its further lines, in which brackets and quotes are letters as any other. */
function skipContinuation(text: string, at: number, parent: number | undefined): number {
  let next = lineEnd(text, at) + 1;
  while (parent !== undefined && next < text.length) {
    const first = skipSpaces(text, next);
    if (text[first] === '#' || first - next <= parent) return next;
    next = lineEnd(text, first) + 1;
  }
  return next;
}

/** Where plain text outside of brackets ends: at the colon of a key, before a comment, or with the line. */
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
