/**
 * Reads the declarations that tsc writes. TypeScript 7 has no API in JavaScript, so they are split as text. The form of the
 * files makes that safe: each declaration begins at the start of a line, after a line that ends another one.
 */

export interface Declaration {
  readonly name: string;
  /** With its comment, and without `export` and `declare`. */
  readonly text: string;
}

/** A name that a file takes from another one, or passes on. */
export interface Reference {
  readonly name: string;
  /** The name in the other file. */
  readonly original: string;
  /** The path as the file writes it. */
  readonly from: string;
}

export interface DeclarationFile {
  readonly declarations: readonly Declaration[];
  readonly references: readonly Reference[];
}

/** @throws Error for a declaration of a kind that it does not know */
export function declarationsOf(text: string): DeclarationFile {
  const declarations: Declaration[] = [];
  const references: Reference[] = [];
  for (const statement of statements(text)) {
    const comments = /^(?:\/\*\*[\s\S]*?\*\/\n)*/.exec(statement)?.[0] ?? '';
    const body = statement.slice(comments.length);
    const [, list, from] = /^(?:import|export) (?:type )?\{([^}]*)\} from '([^']+)'/.exec(body) ?? [];
    if (list !== undefined && from !== undefined) references.push(...named(list, from));
    else if (!/^(?:import |export \{\}|\/\/|$)/.test(body)) {
      const name = declared.exec(body)?.[1];
      if (name === undefined) throw new Error(`a declaration of an unknown kind: ${body.slice(0, 200)}`);
      // A comment at the start of a file is about the whole file.
      const comment = /\/\*\*(?:(?!\/\*\*)[\s\S])*\*\/\n$/.exec(comments)?.[0] ?? '';
      declarations.push({ name, text: comment + body.replace(/^(?:export )?(?:declare )?/, '') });
    }
  }
  return { declarations, references };
}

const declared =
  /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const|enum) ([\w$]+)/;

function named(list: string, from: string): readonly Reference[] {
  return list
    .split(',')
    .map((entry) => entry.trim().replace(/^type /, ''))
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [original = '', name = original] = entry.split(' as ');
      return { name, original, from };
    });
}

/** Splits the text at the lines that begin a statement. A comment belongs to the statement after it. */
function statements(text: string): readonly string[] {
  const result: string[] = [];
  let ended = true;
  let end = /[;}]$/;
  for (const line of text.trimEnd().split('\n')) {
    if (ended && /^(?:\/\*\*|[a-zA-Z])/.test(line)) result.push(line);
    else result.push(`${result.pop() ?? ''}\n${line}`);
    // The members of a union can have comments between them.
    if (/^[a-z]/.test(line)) end = /^(?:export )?(?:declare )?(?:type|const) /.test(line) ? /;$/ : /[;}]$/;
    ended = /^\S/.test(line) && end.test(line);
  }
  return result;
}
