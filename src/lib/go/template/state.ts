import { goQuote } from '../quote.ts';
import type { GoValue } from '../value.ts';
import { type Command, type Node, nodeText, type Pipe, type Term } from './node.ts';
import type { Template } from './parse.ts';

/** Limits for templates that would run without an end. */
export const limits = { steps: 100_000, depth: 500, characters: 1 << 22 };

export interface Variable {
  readonly name: string;
  value: GoValue;
}

/** What the execution of a template changes. */
export interface State {
  readonly template: Template;
  readonly failOnMissingKey: boolean;
  /** The name of the template that runs. */
  current: string;
  /** The part that messages name. */
  node: Pipe | Command | Term | Extract<Node, { type: 'template' }> | undefined;
  variables: Variable[];
  depth: number;
  steps: number;
  characters: number;
  readonly output: string[];
}

export function fail(state: State, message: string): never {
  const { current, node, template } = state;
  if (node === undefined) throw new Error(`template: ${current}: ${message}`);
  const before = template.text.slice(0, node.at);
  const lines = before.split('\n');
  const column = new TextEncoder().encode(lines[lines.length - 1]).length;
  const context =
    node.type === 'template'
      ? `{{template ${goQuote(node.name)}${node.pipe === undefined ? '' : ` ${nodeText(node.pipe)}`}}}`
      : nodeText(node);
  throw new Error(
    `template: ${template.name}:${lines.length}:${column}: executing ${goQuote(current)} at <${context}>: ${message}`,
  );
}

export function step(state: State): void {
  if (++state.steps > limits.steps) fail(state, `the template takes more than ${limits.steps} steps`);
}

export function deeper<Result>(state: State, work: () => Result): Result {
  if (state.depth >= limits.depth) fail(state, `exceeded maximum template depth (${limits.depth})`);
  state.depth++;
  const result = work();
  state.depth--;
  return result;
}

export function findVariable(state: State, name: string): Variable {
  const found = state.variables.findLast((variable) => variable.name === name);
  return found ?? fail(state, `undefined variable: ${name}`);
}
