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
  const counts = await Promise.all(steps.map(([name, args]) => step(name, nodeProgram, args)));
  return [...counts, await tests(['unit', 'contract'])].reduce(add, none);
}

if (import.meta.main) finish(await check());
