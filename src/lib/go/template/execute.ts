import { sprint } from '../format.ts';
import { goQuote } from '../quote.ts';
import { type GoValue, isGoList, isGoMap, sortedEntries } from '../value.ts';
import { evaluatePipe } from './evaluate.ts';
import { isTrue } from './functions.ts';
import type { Branch, Node } from './node.ts';
import type { Template } from './parse.ts';
import { deeper, fail, findVariable, limits, type State, step } from './state.ts';

export interface ExecuteOptions {
  /** Whether a key that a map does not have is an error. By default its value is `<no value>`. */
  readonly failOnMissingKey?: boolean;
}

/**
 * Returns the text that a template makes of the data, as Go's text/template does.
 *
 * @throws Error with the place and the words of Go, or if the template goes beyond the limits
 */
export function executeTemplate(template: Template, data: GoValue, options: ExecuteOptions = {}): string {
  const state: State = {
    template,
    failOnMissingKey: options.failOnMissingKey === true,
    current: template.name,
    node: undefined,
    variables: [{ name: '$', value: data }],
    depth: 0,
    steps: 0,
    characters: 0,
    output: [],
  };
  walkList(state, data, template.definitions.get(template.name) ?? []);
  return state.output.join('');
}

type Jump = 'break' | 'continue' | undefined;

function print(state: State, text: string): void {
  state.characters += text.length;
  if (state.characters > limits.characters)
    fail(state, `the template prints more than ${limits.characters} characters`);
  state.output.push(text);
}

function walkList(state: State, dot: GoValue, nodes: readonly Node[]): Jump {
  return deeper(state, () => {
    for (const node of nodes) {
      const jump = walk(state, dot, node);
      if (jump !== undefined) return jump;
    }
    return undefined;
  });
}

function walk(state: State, dot: GoValue, node: Node): Jump {
  step(state);
  switch (node.type) {
    case 'text':
      print(state, node.text);
      return undefined;
    case 'action': {
      const value = evaluatePipe(state, dot, node.pipe);
      if (node.pipe.variables.length === 0)
        print(state, value === undefined ? '<no value>' : sprint([value]));
      return undefined;
    }
    case 'break':
    case 'continue':
      return node.type;
    case 'template':
      walkTemplate(state, dot, node);
      return undefined;
    case 'range':
      return scoped(state, () => walkRange(state, dot, node));
    case 'if':
    case 'with':
      return scoped(state, () => {
        const value = evaluatePipe(state, dot, node.pipe);
        if (!isTrue(value)) return walkList(state, dot, node.otherwise);
        return walkList(state, node.type === 'with' ? value : dot, node.list);
      });
  }
}

/** Removes the variables that the work declares. */
function scoped<Result>(state: State, work: () => Result): Result {
  const count = state.variables.length;
  const result = work();
  state.variables.length = count;
  return result;
}

function walkRange(state: State, dot: GoValue, node: Branch): Jump {
  const value = evaluatePipe(state, dot, node.pipe);
  const { assign, variables } = node.pipe;
  const last = variables[variables.length - 1];
  const first = variables.length > 1 ? variables[0] : undefined;
  if (typeof value === 'bigint' && first !== undefined)
    fail(state, `can't use ${value} to iterate over more than one variable`);
  const declared = state.variables.slice(-variables.length);
  const assignTo = (name: string, item: GoValue): void => {
    const variable = assign ? findVariable(state, name) : declared.findLast((each) => each.name === name);
    if (variable !== undefined) variable.value = item;
  };
  let empty = true;
  for (const [key, item] of elements(state, value)) {
    empty = false;
    step(state);
    if (first !== undefined) assignTo(first, key);
    if (last !== undefined) assignTo(last, item);
    if (scoped(state, () => walkList(state, item, node.list)) === 'break') break;
  }
  return empty ? walkList(state, dot, node.otherwise) : undefined;
}

/** Returns the elements with their indexes or keys. */
function* elements(state: State, value: GoValue): Generator<readonly [GoValue, GoValue]> {
  if (value === undefined || value === null) return;
  if (isGoList(value)) for (const [index, item] of value.entries()) yield [BigInt(index), item];
  else if (isGoMap(value)) yield* sortedEntries(value);
  else if (typeof value === 'bigint') for (let count = 0n; count < value; count++) yield [undefined, count];
  else fail(state, `range can't iterate over ${sprint([value])}`);
}

function walkTemplate(state: State, dot: GoValue, node: Extract<Node, { type: 'template' }>): void {
  state.node = node;
  const nodes = state.template.definitions.get(node.name);
  if (nodes === undefined) fail(state, `template ${goQuote(node.name)} not defined`);
  const value = node.pipe === undefined ? undefined : evaluatePipe(state, dot, node.pipe);
  const { current, variables } = state;
  state.current = node.name;
  state.variables = [{ name: '$', value }];
  walkList(state, value, nodes);
  state.current = current;
  state.variables = variables;
}
