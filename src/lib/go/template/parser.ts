import { goQuote } from '../quote.ts';
import type { Token, TokenType } from './lex.ts';
import { unquote } from './literal.ts';
import type { Node } from './node.ts';

/** Parentheses and control structures may nest so deep. Go allows 10,000 parentheses. */
const deepest = 200;

/** The tokens of a template, the place of the reader in them, and what it has read. */
export interface Parser {
  readonly name: string;
  readonly tokens: readonly Token[];
  next: number;
  /** The last token that was looked at. Messages name its line. */
  furthest: number;
  depth: number;
  /** How many `range` are open. */
  ranges: number;
  actionLine: number | undefined;
  variables: string[];
  readonly definitions: Map<string, readonly Node[]>;
}

export function fail(parser: Parser, message: string): never {
  throw new Error(`template: ${parser.name}:${parser.tokens[parser.furthest]?.line}: ${message}`);
}

export function peek(parser: Parser): Token {
  // The last token is the end of the text or a mistake, and no parser goes beyond it.
  const at = Math.min(parser.next, parser.tokens.length - 1);
  parser.furthest = Math.max(parser.furthest, at);
  return parser.tokens[at] as Token;
}

export function take(parser: Parser): Token {
  const token = peek(parser);
  parser.next++;
  return token;
}

export function skipSpace(parser: Parser): void {
  while (peek(parser).type === 'space') parser.next++;
}

export function takeNonSpace(parser: Parser): Token {
  skipSpace(parser);
  return take(parser);
}

export function peekNonSpace(parser: Parser): Token {
  skipSpace(parser);
  return peek(parser);
}

export function isKeyword(token: Token, word: string): boolean {
  return token.type === 'keyword' && token.text === word;
}

function tokenText({ text, type }: Token): string {
  if (type === 'end of file' || type === 'error') return text;
  if (type === 'keyword' || type === 'nil' || type === 'dot') return `<${text}>`;
  const characters = [...text];
  return new TextEncoder().encode(text).length > 10
    ? `${goQuote(characters.slice(0, 10).join(''))}...`
    : goQuote(text);
}

export function unexpected(parser: Parser, token: Token, context: string): never {
  if (token.type !== 'error') fail(parser, `unexpected ${tokenText(token)} in ${context}`);
  const line = parser.actionLine;
  const started = line === undefined || line === token.line ? '' : `started at ${parser.name}:${line}`;
  const where =
    started === '' ? '' : token.text.endsWith(' action') ? ` ${started}` : ` in action ${started}`;
  return fail(parser, token.text + where);
}

export function expect(parser: Parser, type: TokenType, context: string): Token {
  const token = takeNonSpace(parser);
  return token.type === type ? token : unexpected(parser, token, context);
}

export function nested<Result>(parser: Parser, parse: () => Result): Result {
  if (parser.depth >= deepest) fail(parser, `more than ${deepest} expressions or actions are nested`);
  parser.depth++;
  const result = parse();
  parser.depth--;
  return result;
}

export function unquoted(parser: Parser, token: Token): string {
  return unquote(token.text) ?? fail(parser, 'invalid syntax');
}
