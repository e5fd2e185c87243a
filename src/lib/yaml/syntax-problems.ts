import type { YAMLParseError } from 'yaml';

import { lastAtOrBefore, lineStarts } from './lines.ts';

export const tooDeep = 'it is nested too deeply';

/** An error of the syntax. `offset` is its place in the text, and `message` shows no text of the document. */
export interface SyntaxProblem {
  readonly message: string;
  readonly offset: number;
}

/** Advice on what to write instead, by the code of the package's error. */
const advice: Readonly<Record<string, string>> = {
  BAD_SCALAR_START: '; put text that begins with such a sign in quotes',
  BLOCK_AS_IMPLICIT_KEY: '; put text that holds a colon and a space in quotes',
  BLOCK_IN_FLOW: '; put text that begins with - or ? in quotes, or write the list without brackets',
  TAB_AS_INDENT: '; indent with spaces',
};

/** The messages of the package for a line whose indentation fits no line above it. */
const indentation = /same column|without - indicator|sequence may not be used as an implicit map key/;
const notAField = /^Implicit (keys need to be on a single line|map keys need to be followed by map values)$/;

/**
 * Returns the first problem of each line, because one mistake leads to several errors of the package.
 *
 * @param originalOffset converts an offset of an error to one of `text`
 */
export function syntaxProblems(
  errors: readonly YAMLParseError[],
  text: string,
  originalOffset: (offset: number) => number,
): readonly SyntaxProblem[] {
  const starts = lineStarts(text);
  const lineAt = (number: number): Line => {
    const start = starts[number] ?? text.length;
    return { number, start, text: text.slice(start, starts[number + 1] ?? text.length) };
  };
  const firstLike = (pattern: RegExp, number: number): Line => {
    let line = lineAt(number);
    while (!pattern.test(line.text) && line.number + 1 < starts.length) line = lineAt(line.number + 1);
    return line;
  };
  const problems = new Map<number, SyntaxProblem>();
  for (const error of errors) {
    const offset = originalOffset(error.pos[0]);
    const line = lineAt(lastAtOrBefore(starts, offset));
    if (problems.has(line.number)) continue;
    problems.set(line.number, describe(error, { offset, line, firstLike }));
  }
  return [...problems.values()];
}

interface Line {
  readonly number: number;
  readonly start: number;
  readonly text: string;
}

interface Place {
  readonly offset: number;
  readonly line: Line;
  /** Returns the first line with that text, from a line number on. */
  readonly firstLike: (pattern: RegExp, number: number) => Line;
}

function describe({ code, message }: YAMLParseError, { offset, line, firstLike }: Place): SyntaxProblem {
  if (indentation.test(message)) return badIndentation(firstLike(/^\s*[^\s#]/, line.number));
  // The package takes the value and the deeper line below it for one key.
  const isValue = !/:\s/.test(line.text.slice(offset - line.start));
  if (code === 'BLOCK_AS_IMPLICIT_KEY' && isValue) return badIndentation(firstLike(/:\s/, line.number + 1));
  if (notAField.test(message)) {
    return { offset, message: 'this line is not a field: write a name, a colon and a space' };
  }
  const bracket = / must .*end with a ([\]}])$/.exec(message)?.[1];
  if (bracket !== undefined) {
    const place = message.includes('indented') ? ', or stands too far to the left' : '';
    return { offset, message: `the closing bracket ${bracket} is missing${place}` };
  }
  const quote = /^Missing closing (["'])quote$/.exec(message)?.[1];
  if (quote !== undefined) return { offset, message: `the closing quote ${quote} is missing` };
  return { offset, message: readable(message) + (advice[code] ?? '') };
}

function badIndentation({ start, text }: Line): SyntaxProblem {
  const spaces = /^ */.exec(text)?.[0].length ?? 0;
  const found = spaces === 1 ? '1 space' : `${spaces} spaces`;
  return {
    offset: start + spaces,
    message:
      `the indentation of ${found} fits no line above; the fields of a map, and the items of a list, ` +
      'have the same indentation, usually 2 spaces more than the line that they belong to',
  };
}

/**
 * Removes the parser's quotes of the text from its message, because they can contain a secret. Line and column show the
 * place. Single characters stay.
 */
export function readable(message: string): string {
  if (message.includes('call stack')) return tooDeep;
  return message
    .replace(/(?<=[\w)]): (?!"?[^A-Za-z0-9\s]{1,2}"?$).*$/s, '')
    .replace(/"[^"]*[A-Za-z0-9].*"/s, 'a word')
    .replace(/^Unknown directive .*$/s, 'Unknown directive')
    .replace(/(escape sequence) .*$/s, '$1');
}
