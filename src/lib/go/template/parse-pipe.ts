import { goQuote } from '../quote.ts';
import { type FunctionName, isFunction } from './functions.ts';
import type { TokenType } from './lex.ts';
import { parseNumber } from './literal.ts';
import { type Command, nodeText, type Pipe, type Term } from './node.ts';
import {
  fail,
  nested,
  type Parser,
  peek,
  peekNonSpace,
  skipSpace,
  take,
  takeNonSpace,
  unexpected,
  unquoted,
} from './parser.ts';

/** Functions of Go's text/template that kubectl's documentation does not use. */
const unsupported: ReadonlySet<string> = new Set(['call', 'html', 'js', 'urlquery']);

/** Reads a pipeline with its variables, until and with the token that ends it. */
export function parsePipe(parser: Parser, context: string, end: 'right' | ')'): Pipe {
  const { at } = peekNonSpace(parser);
  const { assign, variables } = parseVariables(parser, context);
  const commands: Command[] = [];
  for (;;) {
    const token = peekNonSpace(parser);
    if (token.type === end) {
      take(parser);
      checkCommands(parser, commands, context);
      return { type: 'pipe', at, variables, assign, commands };
    }
    if (!beginsTerm.has(token.type)) {
      take(parser);
      unexpected(parser, token, context);
    }
    commands.push(parseCommand(parser));
  }
}

const beginsTerm: ReadonlySet<TokenType> = new Set([
  '(',
  'bool',
  'character',
  'dot',
  'field',
  'identifier',
  'nil',
  'number',
  'string',
  'variable',
]);

/** Reads `$a :=`, `$a =` and, in a range, `$a, $b :=`. */
function parseVariables(
  parser: Parser,
  context: string,
): { readonly variables: readonly string[]; readonly assign: boolean } {
  const variables: string[] = [];
  for (;;) {
    const start = parser.next;
    const variable = peekNonSpace(parser);
    if (variable.type !== 'variable') return { variables, assign: false };
    take(parser);
    const next = peekNonSpace(parser);
    const comma = next.type === 'punctuation' && next.text === ',';
    if (!comma && next.type !== 'assign' && next.type !== 'declare') {
      parser.next = start;
      return { variables, assign: false };
    }
    take(parser);
    variables.push(variable.text);
    parser.variables.push(variable.text);
    if (!comma) return { variables, assign: next.type === 'assign' };
    if (context !== 'range' || variables.length > 1) fail(parser, `too many declarations in ${context}`);
    const after = peekNonSpace(parser).type;
    if (after !== 'variable' && after !== 'right' && after !== ')')
      fail(parser, 'range can only initialize variables');
  }
}

/** Only a function, a field or a variable takes the value of the command before it. */
function checkCommands(parser: Parser, commands: readonly Command[], context: string): void {
  if (commands.length === 0) fail(parser, `missing value for ${context}`);
  commands.slice(1).forEach(({ terms }, index) => {
    const type = terms[0]?.type ?? '';
    if (['bool', 'dot', 'nil', 'number', 'string'].includes(type))
      fail(parser, `non executable command in pipeline stage ${index + 2}`);
  });
}

function parseCommand(parser: Parser): Command {
  const { at } = peekNonSpace(parser);
  const terms: Term[] = [];
  for (;;) {
    skipSpace(parser);
    const term = parseOperand(parser);
    if (term !== undefined) terms.push(term);
    const token = take(parser);
    if (token.type === 'space') continue;
    if (token.type === 'right' || token.type === ')') parser.next--;
    else if (token.type !== 'pipe') unexpected(parser, token, 'operand');
    return terms.length === 0 ? fail(parser, 'empty command') : { type: 'command', at, terms };
  }
}

/** Reads a term with the fields behind it, such as `(index . 0).name`. */
function parseOperand(parser: Parser): Term | undefined {
  const term = parseTerm(parser);
  const { at, type } = peek(parser);
  if (term === undefined || type !== 'field') return term;
  const fields: string[] = [];
  while (peek(parser).type === 'field') fields.push(take(parser).text.slice(1));
  switch (term.type) {
    case 'field':
    case 'variable':
      return { ...term, at, fields: [...term.fields, ...fields] };
    case 'bool':
    case 'dot':
    case 'nil':
    case 'number':
    case 'string':
      return fail(parser, `unexpected . after term ${goQuote(nodeText(term))}`);
    default:
      return { type: 'chain', at, term, fields };
  }
}

function parseTerm(parser: Parser): Term | undefined {
  const token = takeNonSpace(parser);
  const { at, text } = token;
  switch (token.type) {
    case 'identifier':
      return { type: 'function', at, name: functionName(parser, text) };
    case 'dot':
    case 'nil':
      return { type: token.type, at };
    case 'variable':
      if (!parser.variables.includes(text)) fail(parser, `undefined variable ${goQuote(text)}`);
      return { type: 'variable', at, name: text, fields: [] };
    case 'field':
      return { type: 'field', at, fields: [text.slice(1)] };
    case 'bool':
      return { type: 'bool', at, value: text === 'true' };
    case 'character':
    case 'number': {
      const value = parseNumber(text);
      return typeof value === 'string' ? fail(parser, value) : { type: 'number', at, text, value };
    }
    case 'string':
      return { type: 'string', at, quoted: text, value: unquoted(parser, token) };
    case '(':
      return nested(parser, () => parsePipe(parser, 'parenthesized pipeline', ')'));
    default:
      parser.next--;
      return undefined;
  }
}

function functionName(parser: Parser, name: string): FunctionName {
  if (unsupported.has(name)) fail(parser, `function ${goQuote(name)} is not supported by this kubeadm`);
  return isFunction(name) ? name : fail(parser, `function ${goQuote(name)} not defined`);
}
