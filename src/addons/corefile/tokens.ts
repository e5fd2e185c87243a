/** The words of a Corefile, as CoreDNS splits it. Source: github.com/coredns/caddy v1.1.1, caddyfile/lexer.go. */

export interface Token {
  readonly text: string;
  /** The line on which the token begins. Lines count from 1. */
  readonly line: number;
}

/** The white space of Unicode, which differs from that of a regular expression in U+0085 and U+FEFF. */
const space = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/u;

export const isSpace = (character: string): boolean => space.test(character);

/**
 * Splits a Corefile at white space. A token that begins with a quotation mark ends at the next one, and only a quotation
 * mark can be escaped in it. A `#` begins a comment, in a word as well. A comment in a word ends at the next white space,
 * and any other comment ends with its line.
 */
export function tokensOf(text: string): readonly Token[] {
  const characters = [...text.replace(/^\ufeff/, '')];
  const tokens: Token[] = [];
  let line = 1;
  let word = '';
  let begin = 1;
  let inComment = false;
  const finish = (): void => {
    tokens.push({ text: word, line: begin });
    word = '';
    inComment = false;
  };
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (isSpace(character)) {
      if (character === '\r') continue;
      if (character === '\n') {
        line++;
        inComment = false;
      }
      if (word !== '') finish();
      continue;
    }
    if (character === '#') inComment = true;
    if (inComment) continue;
    if (word === '') begin = line;
    if (word !== '' || character !== '"') {
      word += character;
      continue;
    }
    const quoted = readQuoted(characters, at + 1);
    at = quoted.end;
    line += countLineBreaks(quoted.text);
    word = quoted.text;
    if (quoted.closed || word !== '') finish();
  }
  if (word !== '') finish();
  return tokens;
}

interface Quoted {
  readonly text: string;
  /** The index of the closing quotation mark. */
  readonly end: number;
  readonly closed: boolean;
}

function readQuoted(characters: readonly string[], from: number): Quoted {
  let text = '';
  for (let at = from; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '"') return { text, end: at, closed: true };
    if (character !== '\\') {
      text += character;
      continue;
    }
    at++;
    const escaped = characters[at];
    if (escaped === undefined) break;
    text += escaped === '"' ? escaped : `\\${escaped}`;
  }
  return { text, end: characters.length, closed: false };
}

export function countLineBreaks(text: string): number {
  return text.split('\n').length - 1;
}
