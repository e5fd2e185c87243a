/** `make check` runs all checks that need no node. */
import { add, type Count, finish, nodeProgram, none, step, tests } from './steps.ts';

export async function check(): Promise<Count> {
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['lint and format', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings']],
    ['types', ['node_modules/typescript/bin/tsc', '--noEmit']],
    ['import rules', ['tools/import-rules.ts']],
    ['subjects of commits', ['tools/commit-subjects.ts']],
    ['banned patterns in prose', ['tools/prose.ts']],
    ['reference pages', ['tools/docs/verify.ts']],
    ['unused files, exports and dependencies', ['node_modules/knip/bin/knip.js']],
  ];
  // One step at a time runs beside the tests, so that tests with time limits do not wait for the processor.
  const [rest, ofTests] = await Promise.all([inTurn(steps), tests(['unit', 'contract'])]);
  return add(rest, ofTests);
}

async function inTurn(steps: readonly (readonly [string, readonly string[]])[]): Promise<Count> {
  let count = none;
  for (const [name, args] of steps) count = add(count, await step(name, nodeProgram, args));
  return count;
}

if (import.meta.main) finish(await check());
