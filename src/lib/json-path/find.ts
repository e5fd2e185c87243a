import { sprint } from '../go/format.ts';
import { compareText, type GoValue, goType, sortedEntries } from '../go/value.ts';
import { get, isList, isObject } from '../json-value.ts';
import { JsonPathError } from './error.ts';
import type { FilterNode, PathNode, SliceNode } from './parse.ts';

/** Limits for templates that would take too long. */
const limits = { steps: 100_000, ranges: 100 };

/** `undefined` is an element of a range that is null. */
type Values = readonly unknown[];

/**
 * Returns the values of each part of a template, in the order of their output. Fields of maps have the order of their
 * keys, for which upstream has a random order. Source: client-go/util/jsonpath/jsonpath.go.
 *
 * @param data JSON data whose numbers are all of the type `number`
 * @throws JsonPathError
 */
export function findJsonPath(
  nodes: readonly PathNode[],
  data: unknown,
  options: { readonly failOnMissingKey?: boolean } = {},
): readonly Values[] {
  const state: State = {
    nodes,
    failOnMissingKey: options.failOnMissingKey === true,
    begun: 0,
    inRange: 0,
    ended: 0,
    lastEnd: undefined,
    steps: 0,
  };
  return findFrom(state, 0, data);
}

interface State {
  readonly nodes: readonly PathNode[];
  readonly failOnMissingKey: boolean;
  /** How many `range` the last part has. */
  begun: number;
  inRange: number;
  /** How many `end` the last part has. */
  ended: number;
  /** The index of the part with the last `end`. */
  lastEnd: number | undefined;
  steps: number;
}

function findFrom(state: State, start: number, data: unknown): readonly Values[] {
  if (state.inRange > limits.ranges) throw new JsonPathError(`more than ${limits.ranges} ranges are nested`);
  const all: Values[] = [];
  for (let index = start; index < state.nodes.length; index++) {
    const found = walk(state, [data], state.nodes[index] as PathNode);
    if (state.ended > 0 && state.ended <= state.inRange) {
      state.ended--;
      state.lastEnd = index;
      break;
    }
    if (state.begun === 0) {
      all.push(found);
      continue;
    }
    state.begun--;
    state.inRange++;
    for (const value of found) {
      for (const values of findFrom(state, index + 1, value ?? undefined)) all.push(values);
    }
    // Without an element, the parts of the range are only searched for the end.
    if (found.length === 0) findFrom(state, index + 1, undefined);
    state.inRange--;
    if (state.lastEnd !== undefined && state.lastEnd > index) index = state.lastEnd;
  }
  return all;
}

function step(state: State, count: number): void {
  state.steps += 1 + count;
  if (state.steps > limits.steps)
    throw new JsonPathError(`the template takes more than ${limits.steps} steps`);
}

function walkList(state: State, input: Values, nodes: readonly PathNode[]): Values {
  return nodes.reduce((values, node) => walk(state, values, node), input);
}

function walk(state: State, input: Values, node: PathNode): Values {
  step(state, input.length);
  switch (node.type) {
    case 'text':
      return [node.text];
    case 'list':
      return walkList(state, input, node.nodes);
    case 'identifier':
      return walkIdentifier(state, input, node.name);
    case 'field':
      return walkField(state, input, node.name);
    case 'slice':
      return walkSlice(input, node);
    case 'filter':
      return walkFilter(state, input, node);
    case 'union':
      return node.lists.flatMap((list) => walkList(state, input, list));
    case 'literal':
      return input.map(() => node.value);
    case 'wildcard':
      return input.flatMap(children);
    case 'recursive':
      return input.flatMap((value) => descendants(state, value));
  }
}

function walkIdentifier(state: State, input: Values, name: string): Values {
  if (name === 'range') {
    state.begun++;
    return input;
  }
  if (name !== 'end') throw new JsonPathError(`unrecognized identifier ${name}`, { found: input });
  if (state.inRange === 0) throw new JsonPathError('not in range, nothing to end');
  state.ended++;
  return [];
}

function walkField(state: State, input: Values, name: string): Values {
  const found = input.flatMap((value) => {
    const field = isObject(value) ? get(value, name) : undefined;
    return field === undefined ? [] : [field];
  });
  if (found.length === 0 && input.length > 0 && state.failOnMissingKey)
    throw new JsonPathError(`${name} is not found`);
  return found;
}

function walkSlice(input: Values, node: SliceNode): Values {
  const found: unknown[] = [];
  for (const value of input) {
    if (value === null || value === undefined) continue;
    if (!isList(value))
      throw new JsonPathError(`${goType(value as GoValue)} is not array or slice`, { found: input });
    const bounds = sliceBounds(node, value.length);
    if (typeof bounds === 'string') throw new JsonPathError(bounds, { found: input });
    // Upstream ends here, also if further lists follow.
    if (bounds.start === bounds.end) return found;
    for (let at = bounds.start; at < bounds.end; at += node.step ?? 1) found.push(value[at]);
  }
  return found;
}

/** Returns the mistake if the list does not have the elements. */
function sliceBounds(
  { end: to, single, start: from, step: by }: SliceNode,
  length: number,
): { readonly start: number; readonly end: number } | string {
  const start = from === undefined ? 0 : from < 0 ? from + length : from;
  const end = to === undefined ? length : to < 0 || (to === 0 && single) ? to + length : to;
  if (start === end) return { start, end };
  const outside = (index: number): string => `array index out of bounds: index ${index}, length ${length}`;
  if (start >= length || start < 0) return outside(start);
  if (end > length || end < 0) return outside(end - 1);
  if (start > end) return `starting index ${start} is greater than ending index ${end}`;
  return by !== undefined && by <= 0 ? 'step must be > 0' : { start, end };
}

function children(value: unknown): Values {
  if (isList(value)) return value;
  if (isObject(value)) return sortedEntries(value).map(([, child]) => child);
  // Upstream takes a text as a list of bytes.
  return typeof value === 'string' ? [...new TextEncoder().encode(value)].map(BigInt) : [];
}

/** Returns the value and all values in it that have parts, with the outer ones first. */
function descendants(state: State, value: unknown): Values {
  const parts = children(value);
  step(state, parts.length);
  return parts.length === 0 ? [] : [value, ...parts.flatMap((part) => descendants(state, part))];
}

function walkFilter(state: State, input: Values, node: FilterNode): Values {
  const found: unknown[] = [];
  for (const value of input) {
    if (!isList(value))
      throw new JsonPathError(`${sprint([value as GoValue])} is not array or slice and cannot be filtered`, {
        found: input,
      });
    for (const item of value) {
      if (node.operator === 'exists' ? exists(state, item, node) : compares(state, item, node))
        found.push(item);
    }
  }
  return found;
}

function exists(state: State, item: unknown, { left }: FilterNode): boolean {
  try {
    return walkList(state, [item], left).length > 0;
  } catch (error) {
    if (error instanceof JsonPathError) return error.found.length > 0;
    throw error;
  }
}

function compares(state: State, item: unknown, { left, operator, right }: FilterNode): boolean {
  const a = walkList(state, [item], left);
  if (a.length === 0) return false;
  if (a.length > 1) throw new JsonPathError('can only compare one element at a time', { found: [item] });
  const b = walkList(state, [item], right);
  if (b.length === 0) return false;
  if (b.length > 1) throw new JsonPathError('can only compare one element at a time', { found: [item] });
  const passes = operators.get(operator);
  if (passes === undefined) throw new JsonPathError(`unrecognized filter operator ${operator}`);
  return passes(compare(a[0], b[0], operator));
}

const operators: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ['==', (order) => order === 0],
  ['!=', (order) => order !== 0],
  ['<', (order) => order < 0],
  ['<=', (order) => order <= 0],
  ['>', (order) => order > 0],
  ['>=', (order) => order >= 0],
]);

/**
 * Returns a negative number, 0 or a positive number. All numbers can be compared, for which upstream wants both of the
 * same type.
 */
function compare(a: unknown, b: unknown, operator: string): number {
  const [left, right] = [a, b].map((value) => (typeof value === 'bigint' ? Number(value) : value));
  if ([left, right].some((value) => typeof value === 'object' || value === undefined))
    throw new JsonPathError('invalid type for comparison');
  if (typeof left !== typeof right) throw new JsonPathError('incompatible types for comparison');
  if (typeof left === 'boolean') {
    if (operator === '==' || operator === '!=') return left === right ? 0 : 1;
    throw new JsonPathError('invalid type for comparison');
  }
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  return (left as number) - (right as number);
}
