/** The inputs of a seed by their numbers, and the smallest input with the same problem. */
import fc from 'fast-check';

import { type GeneratedInput, generatedInputs } from '../support/random/inputs.ts';
import { problemOf } from './attempt.ts';

export interface Failure {
  readonly seed: number;
  readonly number: number;
  readonly problem: string;
  /** The smallest input with a problem that was found in a few seconds. */
  readonly input: GeneratedInput;
}

/** How long the search for a smaller input takes at most. */
const shrinkMs = 10_000;

/** Stacks take a fifth of the time, and only those of problems are shown. */
const [shortStack, longStack] = [0, 20];

/** Returns a function that tries the inputs of a seed by their numbers, which count from 0. */
export async function inputsOf(seed: number): Promise<(number: number) => Promise<Failure | undefined>> {
  const inputs = await generatedInputs();
  return async (number) => {
    let problem = '';
    Error.stackTraceLimit = shortStack;
    let deadline = Number.POSITIVE_INFINITY;
    const property = fc.asyncProperty(inputs, async (input) => {
      if (performance.now() > deadline) return true;
      const found = await problemOf(input);
      if (found === undefined) return true;
      if (problem === '') deadline = performance.now() + shrinkMs;
      Error.stackTraceLimit = longStack;
      problem = (await problemOf(input)) ?? found;
      return false;
    });
    const result = await fc.check(property, { seed: seedOf(seed, number), numRuns: 1 });
    const [input] = result.counterexample ?? [];
    return input === undefined ? undefined : { seed, number, problem, input };
  };
}

/** Neighbours get seeds that are far from each other. */
function seedOf(seed: number, number: number): number {
  return Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35);
}
