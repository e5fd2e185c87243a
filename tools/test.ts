/** `make test` (and `make e2e-full`): check, then everything that needs upstream's binary or nodes. */
import { spawnSync } from 'node:child_process';

import { createTextReport, describeError, ensureComponents } from '../components/index.ts';
import { prune } from '../lab/index.ts';
import { buildExecutable, buildLibrary } from './build.ts';
import { check } from './check.ts';
import { add, type Count, finish, nodeProgram, none, step, tests } from './steps.ts';

const full = process.argv.includes('--full');

async function test(): Promise<Count> {
  let count = full ? none : await check();
  try {
    const report = createTextReport(process.stderr);
    await ensureComponents({ report });
    await ensureComponents({ set: 'compare', report });
    await ensureComponents({ set: 'suite', report });
    buildExecutable();
    buildLibrary();
    await prune();
  } catch (error) {
    console.error(`FAILED: ${describeError(error)}`);
    return add(count, { passed: 0, failed: 1 });
  }
  if (!full) count = add(count, await generatedCode());
  if (!full) count = add(count, await tests(['process', 'exhaustive', 'contract-real', 'parity', 'release']));
  return add(count, await tests(full ? ['e2e-full'] : ['e2e']));
}

/** Whether what is committed is what the generators make of the pinned sources: Go modules, where Go is there. */
async function generatedCode(): Promise<Count> {
  const hasGo = spawnSync('go', ['version']).status === 0;
  let count = none;
  for (const args of [
    ['tools/protos/generate.ts', 'verify'],
    ...(hasGo ? [['tools/kubernetes-types/verify.ts'], ['tools/component-configs.ts', 'verify']] : []),
  ]) {
    count = add(count, await step(`generated code: ${args.join(' ')}`, nodeProgram, args));
  }
  return count;
}

finish(await test());
