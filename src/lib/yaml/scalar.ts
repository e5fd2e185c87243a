/**
 * Writes one string in YAML as the emitter of Kubernetes' tools does (go.yaml.in/yaml v2), with the same quotes and the
 * same folds. Source of the behaviour: emitterc.go, encode.go, resolve.go of that module.
 */

import { readNumber } from './number.ts';

/** After this column, a scalar folds at the next single space. */
const width = 80;

type Style = 'plain' | 'single' | 'double' | 'literal';

/** The column where a scalar begins, and the indentation of its further lines. */
export interface ScalarPlace {
  readonly column: number;
  readonly indent: number;
  /** A key neither folds nor spans lines. */
  readonly key: boolean;
}

export function writeString(text: string, place: ScalarPlace): string {
  const shape = analyse(text);
  switch (chooseStyle(text, shape, place)) {
    case 'plain':
      return fold(text, place, { open: '', close: '' });
    case 'single':
      return fold(text, place, { open: "'", close: "'" });
    case 'double':
      return doubleQuoted(text, place);
    case 'literal':
      return literal(text, place);
  }
}

interface Shape {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

function chooseStyle(text: string, shape: Shape, place: ScalarPlace): Style {
  if (text.includes('\n')) return shape.block && !place.key ? 'literal' : 'double';
  if (!isPlainString(text)) return 'double';
  if (shape.plain && text !== '' && !(place.key && /[\r\u0085\u2028\u2029]/.test(text))) return 'plain';
  return shape.single && !(place.key && /[\u2028\u2029]/.test(text)) ? 'single' : 'double';
}

/** Whether a YAML 1.1 parser would read the unquoted text as a string. */
export function isPlainString(text: string): boolean {
  return !words.has(text) && readNumber(text) === undefined && !isTimestamp(text) && !sexagesimal.test(text);
}

const words: ReadonlySet<string> = new Set(
  [
    'y Y yes Yes YES true True TRUE on On ON',
    'n N no No NO false False FALSE off Off OFF',
    '~ null Null NULL',
    '.nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF',
  ]
    .flatMap((line) => line.split(' '))
    .concat(''),
);

/** Numbers of base 60 such as 1:20 and 190:20:30.15, which older parsers read. */
const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

function isTimestamp(text: string): boolean {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d))| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?)?$/.exec(
      text,
    );
  if (match === null) return false;
  const [year, month, day] = [match[1], match[2], match[3]].map(Number) as [number, number, number];
  const hour = Number(match[4] ?? match[9] ?? 0);
  const minute = Number(match[5] ?? match[10] ?? 0);
  const second = Number(match[6] ?? match[11] ?? 0);
  const lastDay = new Date(Date.UTC(year < 100 ? year + 2000 : year, month, 0)).getUTCDate();
  const zone = Number(match[7] ?? 0) <= 24 && Number(match[8] ?? 0) < 60;
  return (
    month >= 1 && month <= 12 && day >= 1 && day <= lastDay && hour < 24 && minute < 60 && second < 60 && zone
  );
}

const lineBreak = /[\r\n\u0085\u2028\u2029]/;
const unprintable = /[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

/** The styles that the text allows in block context. */
function analyse(text: string): Shape {
  if (text === '') return { plain: true, single: true, block: true };
  const special = unprintable.test(text);
  const breaks = lineBreak.test(text);
  const spaceBeforeBreak = new RegExp(` ${lineBreak.source}`).test(text);
  const breakBeforeSpace = new RegExp(`${lineBreak.source} `).test(text);
  const atEdge = /^[ \r\n\u0085\u2028\u2029]|[ \r\n\u0085\u2028\u2029]$/.test(text);
  const forbidden = special || spaceBeforeBreak;
  return {
    plain: !(forbidden || breakBeforeSpace || breaks || atEdge || hasIndicator(text)),
    single: !(forbidden || breakBeforeSpace),
    block: !(forbidden || text.endsWith(' ')),
  };
}

/** Whether the text contains characters with another meaning in block context. */
function hasIndicator(text: string): boolean {
  return (
    /^(---|\.\.\.)/.test(text) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[-?](?=[ \t\r\n\u0085\u2028\u2029]|$)/.test(text) ||
    /:(?=[ \t\r\n\u0085\u2028\u2029]|$)/.test(text) ||
    /[ \t\r\n\u0085\u2028\u2029]#/.test(text)
  );
}

/** Folds plain and single-quoted text at single spaces after the width. */
function fold(
  text: string,
  place: ScalarPlace,
  quotes: { readonly open: string; readonly close: string },
): string {
  const characters = [...text];
  const quoted = quotes.open !== '';
  let out = quotes.open;
  let column = place.column + quotes.open.length;
  let previousSpace = false;
  let previousBreak = false;
  characters.forEach((character, index) => {
    if (character === ' ') {
      const inside = !quoted || (index > 0 && index < characters.length - 1);
      if (!place.key && !previousSpace && column > width && inside && characters[index + 1] !== ' ') {
        out += `\n${' '.repeat(place.indent)}`;
        column = place.indent;
      } else {
        out += ' ';
        column++;
      }
      previousSpace = true;
      return;
    }
    if (lineBreak.test(character)) {
      out += character;
      column = 0;
      previousBreak = true;
      return;
    }
    if (previousBreak) {
      out += `${' '.repeat(place.indent)}`;
      column = place.indent;
    }
    const written = quoted && character === "'" ? "''" : character;
    out += written;
    column += written.length === 2 && quoted && character === "'" ? 2 : 1;
    previousSpace = false;
    previousBreak = false;
  });
  return out + quotes.close;
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u00a0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function doubleQuoted(text: string, place: ScalarPlace): string {
  const characters = [...text];
  let out = '"';
  let column = place.column + 1;
  let previousSpace = false;
  // A leading byte order mark makes the emitter escape every character.
  const everything = text.startsWith('\ufeff');
  characters.forEach((character, index) => {
    if (character === ' ' && !everything) {
      const inside = index > 0 && index < characters.length - 1;
      if (!place.key && !previousSpace && column > width && inside) {
        const next = characters[index + 1] === ' ' ? '\\' : '';
        out += `\n${' '.repeat(place.indent)}${next}`;
        column = place.indent + next.length;
      } else {
        out += ' ';
        column++;
      }
      previousSpace = true;
      return;
    }
    const written = escaped(character, everything);
    out += written;
    column += written === character ? 1 : written.length;
    previousSpace = false;
  });
  return `${out}"`;
}

function escaped(character: string, always: boolean): string {
  if (!always && !unprintable.test(character) && !/["\\\n\u2028\u2029]/.test(character)) return character;
  const known = escapes[character];
  if (known !== undefined) return `\\${known}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Writes `|` with the indicators for a leading blank and for line breaks at the end. */
function literal(text: string, place: ScalarPlace): string {
  const indentHint = /^[ \n\r\u2028\u2029]/.test(text) ? '2' : '';
  const chomping = !/[\n\r\u2028\u2029]$/.test(text)
    ? '-'
    : /(^|[\n\r\u2028\u2029])[\n\r\u2028\u2029]$/.test(text)
      ? '+'
      : '';
  // Every break starts a new line, including Unicode's.
  const body = text
    .replace(/\n$/, '')
    .replace(/(^|[\n\u2028\u2029])(?=[^\n\u2028\u2029])/g, `$1${' '.repeat(place.indent)}`);
  return `|${indentHint}${chomping}\n${body}`;
}
