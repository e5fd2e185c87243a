import { goQuote } from '../quote.ts';
import { lex, type Token } from './lex.ts';
import type { Branch, Node } from './node.ts';
import { parsePipe } from './parse-pipe.ts';
import {
  expect,
  fail,
  isKeyword,
  nested,
  type Parser,
  peek,
  peekNonSpace,
  take,
  takeNonSpace,
  unexpected,
  unquoted,
} from './parser.ts';

/** A template of Go's text/template, ready to be executed. */
export interface Template {
  /** The name in error messages. */
  readonly name: string;
  readonly text: string;
  /** The lists of the templates that `define` and `block` name. The template itself is there under its own name. */
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
}

/** @throws Error with the line of the first mistake, in the words of Go */
export function parseTemplate(name: string, text: string): Template {
  const parser: Parser = {
    name,
    tokens: lex(text),
    next: 0,
    furthest: 0,
    depth: 0,
    ranges: 0,
    actionLine: undefined,
    variables: ['$'],
    definitions: new Map(),
  };
  const list = parseList(parser, 'top');
  define(parser, name, list.nodes);
  return { name, text, definitions: parser.definitions };
}

interface List {
  readonly nodes: readonly Node[];
  readonly end: 'end' | 'else' | 'end of file';
}

/** Reads until `end`, `else` or the end of the text. */
function parseList(parser: Parser, level: 'top' | 'inner'): List {
  const nodes: Node[] = [];
  for (;;) {
    const token = takeNonSpace(parser);
    if (token.type === 'text') nodes.push({ type: 'text', at: token.at, text: token.text });
    else if (token.type === 'end of file') {
      if (level === 'inner') fail(parser, 'unexpected EOF');
      return { nodes, end: 'end of file' };
    } else if (token.type === 'left') {
      if (level === 'top' && isKeyword(peekNonSpace(parser), 'define')) parseDefinition(parser);
      else {
        parser.actionLine = token.line;
        const node = parseAction(parser);
        parser.actionLine = undefined;
        if (typeof node === 'object') nodes.push(node);
        else if (level === 'top') fail(parser, `unexpected {{${node}}}`);
        else return { nodes, end: node };
      }
    } else unexpected(parser, token, 'input');
  }
}

function parseDefinition(parser: Parser): void {
  take(parser);
  const name = templateName(parser, takeNonSpace(parser), 'define clause');
  expect(parser, 'right', 'define clause');
  parseDefined(parser, name, 'define clause');
}

/** Reads the list of a named template, which has variables of its own. */
function parseDefined(parser: Parser, name: string, context: string): void {
  const { ranges, variables } = parser;
  Object.assign(parser, { ranges: 0, variables: ['$'] });
  const { end, nodes } = nested(parser, () => parseList(parser, 'inner'));
  if (end !== 'end') fail(parser, `unexpected {{${end}}} in ${context}`);
  Object.assign(parser, { ranges, variables });
  define(parser, name, nodes);
}

/** A template of only space can be defined again. */
function define(parser: Parser, name: string, nodes: readonly Node[]): void {
  const before = parser.definitions.get(name);
  if (before === undefined || isEmpty(before)) parser.definitions.set(name, nodes);
  else if (!isEmpty(nodes)) fail(parser, `template: multiple definition of template ${goQuote(name)}`);
}

function isEmpty(nodes: readonly Node[]): boolean {
  return nodes.every((node) => node.type === 'text' && node.text.trim() === '');
}

function templateName(parser: Parser, token: Token, context: string): string {
  return token.type === 'string' ? unquoted(parser, token) : unexpected(parser, token, context);
}

/** Reads an action behind its `{{`. */
function parseAction(parser: Parser): Node | 'end' | 'else' {
  const token = peekNonSpace(parser);
  const { at } = token;
  if (token.type !== 'keyword') return { type: 'action', at, pipe: parsePipe(parser, 'command', 'right') };
  take(parser);
  switch (token.text) {
    case 'if':
    case 'range':
    case 'with':
      return nested(parser, () => parseBranch(parser, token.text as Branch['type']));
    case 'end':
      expect(parser, 'right', 'end');
      return 'end';
    case 'else': {
      const next = peekNonSpace(parser);
      if (!isKeyword(next, 'if') && !isKeyword(next, 'with')) expect(parser, 'right', 'else');
      return 'else';
    }
    case 'template':
      return parseTemplateCall(parser, at);
    case 'block':
      return parseBlock(parser);
    case 'break':
    case 'continue': {
      const next = takeNonSpace(parser);
      if (next.type !== 'right') unexpected(parser, next, `{{${token.text}}}`);
      if (parser.ranges === 0) fail(parser, `{{${token.text}}} outside {{range}}`);
      return { type: token.text, at };
    }
    default:
      parser.next--;
      return unexpected(parser, token, 'command');
  }
}

function parseTemplateCall(parser: Parser, at: number): Node {
  const token = takeNonSpace(parser);
  const name = templateName(parser, token, 'template clause');
  if (peekNonSpace(parser).type !== 'right')
    return { type: 'template', at: token.at, name, pipe: parsePipe(parser, 'template clause', 'right') };
  take(parser);
  return { type: 'template', at: Math.max(at, token.at), name, pipe: undefined };
}

function parseBlock(parser: Parser): Node {
  const token = takeNonSpace(parser);
  const name = templateName(parser, token, 'block clause');
  const pipe = parsePipe(parser, 'block clause', 'right');
  parseDefined(parser, name, 'block clause');
  return { type: 'template', at: token.at, name, pipe };
}

function parseBranch(parser: Parser, type: Branch['type']): Branch {
  const { length } = parser.variables;
  const pipe = parsePipe(parser, type, 'right');
  if (type === 'range') parser.ranges++;
  const list = parseList(parser, 'inner');
  if (type === 'range') parser.ranges--;
  const otherwise = list.end === 'else' ? parseElse(parser, type) : [];
  parser.variables.length = length;
  return { type, at: pipe.at, pipe, list: list.nodes, otherwise };
}

/** Reads behind `{{else}}`, or from the `if` of `{{else if …}}`, until `{{end}}`. */
function parseElse(parser: Parser, type: Branch['type']): readonly Node[] {
  if (type !== 'range' && isKeyword(peek(parser), type)) {
    take(parser);
    return [nested(parser, () => parseBranch(parser, type))];
  }
  const { end, nodes } = parseList(parser, 'inner');
  if (end !== 'end') fail(parser, `expected end; found {{${end}}}`);
  return nodes;
}
