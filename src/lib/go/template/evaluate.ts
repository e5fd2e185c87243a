import { goQuote } from '../quote.ts';
import { type GoValue, goType, isGoMap } from '../value.ts';
import { isTrue, type TemplateFunction, templateFunction } from './functions.ts';
import { type Command, nodeText, type Pipe, type Term } from './node.ts';
import { deeper, fail, findVariable, type State, step } from './state.ts';

/** Returns the value of a pipeline, and assigns it to the variables. A value that is nil is undefined. */
export function evaluatePipe(state: State, dot: GoValue, pipe: Pipe): GoValue {
  return deeper(state, () => {
    state.node = pipe;
    let value: GoValue;
    let final: Final | undefined;
    for (const command of pipe.commands) {
      step(state);
      value = evaluateCommand(state, dot, { command, final }) ?? undefined;
      final = { value };
    }
    for (const name of pipe.variables) {
      if (pipe.assign) findVariable(state, name).value = value;
      else state.variables.push({ name, value });
    }
    return value;
  });
}

/** The value of the command before, which is the last operand of this one. */
interface Final {
  readonly value: GoValue;
}

interface Call {
  readonly command: Command;
  readonly final: Final | undefined;
}

function evaluateCommand(state: State, dot: GoValue, call: Call): GoValue {
  const [first, ...more] = call.command.terms;
  if (first === undefined) return undefined;
  if (first.type === 'function') {
    state.node = first;
    return callFunction(state, dot, { name: first.name, node: call.command, terms: more, final: call.final });
  }
  const hasOperands = more.length > 0 || call.final !== undefined;
  switch (first.type) {
    case 'field':
      state.node = first;
      return fieldChain(state, dot, { fields: first.fields, hasOperands });
    case 'chain':
      return evaluateChain(state, dot, { chain: first, hasOperands });
    case 'variable':
      return evaluateVariable(state, first, hasOperands);
    default:
      if (first.type !== 'pipe') state.node = first;
      if (hasOperands) fail(state, `can't give argument to non-function ${nodeText(first)}`);
      if (first.type === 'nil') fail(state, 'nil is not a command');
      return evaluateTerm(state, dot, first);
  }
}

/** Returns the value of a term that is not the function of a command. */
function evaluateTerm(state: State, dot: GoValue, term: Term): GoValue {
  if (term.type !== 'pipe') state.node = term;
  switch (term.type) {
    case 'pipe':
      return evaluatePipe(state, dot, term);
    case 'dot':
      return dot;
    case 'nil':
      return undefined;
    case 'bool':
    case 'number':
    case 'string':
      return term.value;
    case 'field':
      return fieldChain(state, dot, { fields: term.fields, hasOperands: false });
    case 'variable':
      return evaluateVariable(state, term, false);
    case 'chain':
      return evaluateChain(state, dot, { chain: term, hasOperands: false });
    case 'function':
      return callFunction(state, dot, { name: term.name, node: term, terms: [], final: undefined });
  }
}

function evaluateVariable(
  state: State,
  term: Extract<Term, { type: 'variable' }>,
  hasOperands: boolean,
): GoValue {
  state.node = term;
  const { value } = findVariable(state, term.name);
  if (term.fields.length > 0) return fieldChain(state, value, { fields: term.fields, hasOperands });
  if (hasOperands) fail(state, `can't give argument to non-function ${nodeText(term)}`);
  return value;
}

function evaluateChain(
  state: State,
  dot: GoValue,
  { chain, hasOperands }: { readonly chain: Extract<Term, { type: 'chain' }>; readonly hasOperands: boolean },
): GoValue {
  state.node = chain;
  if (chain.term.type === 'nil') fail(state, `indirection through explicit nil in ${nodeText(chain)}`);
  const value = evaluateTerm(state, dot, chain.term);
  return fieldChain(state, value, { fields: chain.fields, hasOperands });
}

function fieldChain(
  state: State,
  receiver: GoValue,
  { fields, hasOperands }: { readonly fields: readonly string[]; readonly hasOperands: boolean },
): GoValue {
  return fields.reduce<GoValue>(
    (value, name, index) =>
      field(state, value, { name, hasOperands: hasOperands && index === fields.length - 1 }),
    receiver,
  );
}

function field(
  state: State,
  receiver: GoValue,
  { hasOperands, name }: { readonly name: string; readonly hasOperands: boolean },
): GoValue {
  if (receiver === undefined) {
    if (state.failOnMissingKey) fail(state, `nil data; no entry for key ${goQuote(name)}`);
    return undefined;
  }
  if (receiver === null) return fail(state, `nil pointer evaluating interface {}.${name}`);
  if (!isGoMap(receiver)) return fail(state, `can't evaluate field ${name} in type interface {}`);
  if (hasOperands) fail(state, `${name} is not a method but has arguments`);
  if (Object.hasOwn(receiver, name)) return receiver[name];
  return state.failOnMissingKey ? fail(state, `map has no entry for key ${goQuote(name)}`) : undefined;
}

interface FunctionCall {
  readonly name: string;
  /** The part that the messages of the function name. */
  readonly node: Command | Term;
  readonly terms: readonly Term[];
  readonly final: Final | undefined;
}

function callFunction(state: State, dot: GoValue, call: FunctionCall): GoValue {
  const { final, name, terms } = call;
  const known = templateFunction(name);
  checkCount(state, call, known ?? { minimum: 1, maximum: Number.POSITIVE_INFINITY });
  if (known === undefined) return andOr(state, dot, call);
  const operands = terms.map((term, index) =>
    known.text === true && index === 0 ? textOperand(state, dot, term) : evaluateTerm(state, dot, term),
  );
  if (final !== undefined) {
    const isText = known.text === true && operands.length === 0;
    operands.push(isText ? asText(state, final.value) : final.value);
  }
  try {
    return known.run(operands);
  } catch (error) {
    state.node = call.node;
    return fail(state, `error calling ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function checkCount(
  state: State,
  { final, name, terms }: FunctionCall,
  { maximum, minimum }: Pick<TemplateFunction, 'maximum' | 'minimum'>,
): void {
  const count = terms.length + (final === undefined ? 0 : 1);
  if (maximum === undefined && count !== minimum)
    fail(state, `wrong number of args for ${name}: want ${minimum} got ${count}`);
  if (count < minimum)
    fail(state, `wrong number of args for ${name}: want at least ${minimum} got ${terms.length}`);
}

/** Evaluates the operands until one decides. */
function andOr(state: State, dot: GoValue, { final, name, terms }: FunctionCall): GoValue {
  let value: GoValue;
  for (const term of terms) {
    value = evaluateTerm(state, dot, term);
    if (isTrue(value) === (name === 'or')) return value;
  }
  return final === undefined ? value : final.value;
}

function textOperand(state: State, dot: GoValue, term: Term): GoValue {
  if (term.type === 'nil' || term.type === 'bool' || term.type === 'number') {
    state.node = term;
    if (term.type === 'nil') fail(state, 'cannot assign nil to string');
    fail(state, `expected string; found ${nodeText(term)}`);
  }
  return asText(state, evaluateTerm(state, dot, term));
}

function asText(state: State, value: GoValue): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return fail(state, 'invalid value; expected string');
  const type = value === null ? 'interface {}' : goType(value);
  return fail(state, `wrong type for value; expected string; got ${type}`);
}
