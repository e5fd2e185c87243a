/** The parts of a parsed template. `at` is an index into the text of the template. */
export type Node =
  | { readonly type: 'text'; readonly at: number; readonly text: string }
  | { readonly type: 'action'; readonly at: number; readonly pipe: Pipe }
  | Branch
  | { readonly type: 'template'; readonly at: number; readonly name: string; readonly pipe: Pipe | undefined }
  | { readonly type: 'break' | 'continue'; readonly at: number };

export interface Branch {
  readonly type: 'if' | 'with' | 'range';
  readonly at: number;
  readonly pipe: Pipe;
  readonly list: readonly Node[];
  readonly otherwise: readonly Node[];
}

export interface Pipe {
  readonly type: 'pipe';
  readonly at: number;
  /** The variables that the value is assigned to. */
  readonly variables: readonly string[];
  /** Whether the variables exist already. */
  readonly assign: boolean;
  readonly commands: readonly Command[];
}

export interface Command {
  readonly type: 'command';
  readonly at: number;
  /** At least one. The first one can be a function. */
  readonly terms: readonly Term[];
}

export type Term =
  | Pipe
  | { readonly type: 'dot' | 'nil'; readonly at: number }
  | { readonly type: 'bool'; readonly at: number; readonly value: boolean }
  | { readonly type: 'number'; readonly at: number; readonly text: string; readonly value: bigint | number }
  | { readonly type: 'string'; readonly at: number; readonly quoted: string; readonly value: string }
  | { readonly type: 'field'; readonly at: number; readonly fields: readonly string[] }
  | {
      readonly type: 'variable';
      readonly at: number;
      readonly name: string;
      readonly fields: readonly string[];
    }
  | { readonly type: 'function'; readonly at: number; readonly name: string }
  | { readonly type: 'chain'; readonly at: number; readonly term: Term; readonly fields: readonly string[] };

/** Returns the text that Go's error messages show for a part. */
export function nodeText(node: Pipe | Command | Term): string {
  switch (node.type) {
    case 'pipe': {
      const names = node.variables.join(', ');
      const declaration = names === '' ? '' : `${names} ${node.assign ? '=' : ':='} `;
      return declaration + node.commands.map(nodeText).join(' | ');
    }
    case 'command':
      return node.terms.map(inParentheses).join(' ');
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
    case 'field':
      return dotted(node.fields);
    case 'variable':
      return node.name + dotted(node.fields);
    case 'function':
      return node.name;
    case 'chain':
      return inParentheses(node.term) + dotted(node.fields);
  }
}

function inParentheses(term: Term): string {
  return term.type === 'pipe' ? `(${nodeText(term)})` : nodeText(term);
}

function dotted(fields: readonly string[]): string {
  return fields.map((field) => `.${field}`).join('');
}
