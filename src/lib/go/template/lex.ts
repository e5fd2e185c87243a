import { goQuote } from '../quote.ts';

export type TokenType =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'assign'
  | 'declare'
  | 'pipe'
  | 'string'
  | 'variable'
  | 'character'
  | 'field'
  | 'dot'
  | 'number'
  | 'identifier'
  | 'keyword'
  | 'bool'
  | 'nil'
  | '('
  | ')'
  | 'punctuation'
  | 'end of file'
  | 'error';

/** `at` is an index into the text, and `line` counts from 1. The text of an error is its message. */
export interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly at: number;
  readonly line: number;
}

const keywords: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
]);

/** The patterns of the tokens in an action, in the order in which they are tried. */
const patterns: readonly (readonly [TokenType, RegExp])[] = [
  ['assign', /=/y],
  ['declare', /:=/y],
  ['pipe', /\|/y],
  ['string', /"(?:\\[^\n]|[^"\\\n])*"|`[^`]*`/y],
  ['character', /'(?:\\[^\n]|[^'\\\n])*'/y],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['field', /\.(?![0-9])[\p{L}\p{Nd}_]+/uy],
  ['dot', /\.(?![0-9])/y],
  [
    'number',
    /(?=[-+.0-9])[-+]?(?:0[xX][0-9a-fA-F_]*\.?[0-9a-fA-F_]*(?:[pP][-+]?[0-9_]*)?|0[oO][0-7_]*\.?[0-7_]*|0[bB][01_]*\.?[01_]*|[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9_]*)?)i?/y,
  ],
  ['identifier', /[\p{L}\p{Nd}_]+/uy],
];

const names: ReadonlySet<TokenType> = new Set(['dot', 'field', 'identifier', 'variable']);

const followsWord = /$|[ \t\r\n.,|:()]|\}\}/y;

/**
 * Splits a template of Go's text/template. The list ends with a token `end of file`, or with an `error` at the first
 * mistake. Comments are left out.
 */
export function lex(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const line = lineCounter(text);
  let at = 0;
  for (;;) {
    const open = text.indexOf('{{', at);
    const trims = open !== -1 && /^-[ \t\r\n]/.test(text.slice(open + 2, open + 4));
    const plain = text.slice(at, open === -1 ? undefined : open);
    const kept = trims ? withoutEndingSpace(plain) : plain;
    if (kept !== '') tokens.push({ type: 'text', text: kept, at, line: line(at) });
    if (open === -1) {
      tokens.push({ type: 'end of file', text: 'EOF', at: text.length, line: line(text.length) });
      return tokens;
    }
    const start = open + (trims ? 4 : 2);
    if (text.startsWith('/*', start)) {
      const end = commentEnd(text, start);
      if (typeof end === 'string') {
        tokens.push({ type: 'error', text: end, at: start, line: line(start) });
        return tokens;
      }
      at = end;
      continue;
    }
    tokens.push({ type: 'left', text: '{{', at: open, line: line(open) });
    const end = lexAction(text, start, { tokens, line });
    if (end === undefined) return tokens;
    at = end;
  }
}

/** A regular expression would try to match at each space, which takes minutes for a megabyte of space. */
function withoutEndingSpace(text: string): string {
  let end = text.length;
  while (/[ \t\r\n]/.test(text[end - 1] ?? '')) end--;
  return text.slice(0, end);
}

/** Returns the line of an index. The indexes that it gets never decrease. */
function lineCounter(text: string): (at: number) => number {
  let [seen, line] = [0, 1];
  return (at) => {
    for (; seen < at; seen++) if (text[seen] === '\n') line++;
    return line;
  };
}

/** Returns the index behind the comment, or the mistake. */
function commentEnd(text: string, start: number): number | string {
  const end = text.indexOf('*/', start + 2);
  if (end === -1) return 'unclosed comment';
  const close = rightDelimiter(text, end + 2);
  return close?.end ?? 'comment ends before closing delimiter';
}

/** Returns the places of `}}` and of the text behind it, if the action ends here. */
function rightDelimiter(text: string, at: number): { readonly at: number; readonly end: number } | undefined {
  if (text.startsWith('}}', at)) return { at, end: at + 2 };
  if (!/^[ \t\r\n]-\}\}/.test(text.slice(at, at + 4))) return undefined;
  let end = at + 4;
  while (/[ \t\r\n]/.test(text[end] ?? '')) end++;
  return { at: at + 2, end };
}

interface Lexed {
  readonly tokens: Token[];
  readonly line: (at: number) => number;
}

/** Adds the tokens of an action. Returns the index behind it; undefined after a mistake. */
function lexAction(text: string, start: number, { line, tokens }: Lexed): number | undefined {
  let parentheses = 0;
  let at = start;
  for (;;) {
    const token = (type: TokenType, end: number): void => {
      tokens.push({ type, text: text.slice(at, end), at, line: line(at) });
      at = end;
    };
    const fail = (message: string): undefined => {
      tokens.push({ type: 'error', text: message, at, line: line(at) });
    };
    const close = rightDelimiter(text, at);
    if (close !== undefined) {
      if (parentheses > 0) return fail('unclosed left paren');
      tokens.push({ type: 'right', text: '}}', at: close.at, line: line(close.at) });
      return close.end;
    }
    const next = text[at];
    if (next === undefined) return fail('unclosed action');
    if (/[ \t\r\n]/.test(next)) {
      let end = at;
      while (/[ \t\r\n]/.test(text[end] ?? '')) end++;
      // The last space belongs to the delimiter ` -}}`.
      if (/^-\}\}/.test(text.slice(end, end + 3))) end--;
      token('space', end);
    } else if (next === '(' || next === ')') {
      parentheses += next === '(' ? 1 : -1;
      if (parentheses < 0) return fail('unexpected right paren');
      token(next, at + 1);
    } else {
      const found = firstMatch(text, at);
      if ('mistake' in found) return fail(found.mistake);
      token(found.type, found.end);
    }
  }
}

type Match = { readonly type: TokenType; readonly end: number } | { readonly mistake: string };

function firstMatch(text: string, at: number): Match {
  for (const [type, pattern] of patterns) {
    pattern.lastIndex = at;
    const word = pattern.exec(text)?.[0] ?? '';
    if (word === '') continue;
    const end = at + word.length;
    if (type === 'number') return numberMatch(text, at, word);
    if (names.has(type)) {
      followsWord.lastIndex = end;
      if (!followsWord.test(text)) return { mistake: `bad character ${codePoint(text, end)}` };
    }
    return { type: type === 'identifier' ? wordType(word) : type, end };
  }
  const next = text[at] ?? '';
  if (next === '"') return { mistake: 'unterminated quoted string' };
  if (next === '`') return { mistake: 'unterminated raw quoted string' };
  if (next === "'") return { mistake: 'unterminated character constant' };
  if (next === ':') return { mistake: 'expected :=' };
  if (/[!-~]/.test(next)) return { type: 'punctuation', end: at + 1 };
  return { mistake: `unrecognized character in action: ${codePoint(text, at)}` };
}

function numberMatch(text: string, at: number, word: string): Match {
  const end = at + word.length;
  const bad = /^[\p{L}\p{Nd}_]/u.exec(text.slice(end, end + 2))?.[0];
  if (bad !== undefined) return { mistake: `bad number syntax: ${goQuote(word + bad)}` };
  if (word.endsWith('i') || /[-+]/.test(text[end] ?? ''))
    return { mistake: `complex numbers are not supported: ${word}` };
  return { type: 'number', end };
}

function wordType(word: string): TokenType {
  if (word === 'true' || word === 'false') return 'bool';
  if (word === 'nil') return 'nil';
  return keywords.has(word) ? 'keyword' : 'identifier';
}

/** Returns a character as Go's %#U prints it. */
function codePoint(text: string, at: number): string {
  const code = text.codePointAt(at);
  if (code === undefined) return 'U+FFFFFFFFFFFFFFFF';
  const hex = code.toString(16).toUpperCase().padStart(4, '0');
  const printable = / |[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(String.fromCodePoint(code));
  return `U+${hex}${printable ? ` '${String.fromCodePoint(code)}'` : ''}`;
}
