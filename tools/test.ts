/** `make test` (and `make e2e-full`): check, then everything that needs upstream's binary or nodes. */
import { createTextReport, describeError, ensureComponents } from '../components/index.ts';
import { prune } from '../lab/index.ts';
import { buildExecutable, buildLibrary } from './build.ts';
import { check } from './check.ts';
import { add, type Count, finish, tests } from './steps.ts';

const full = process.argv.includes('--full');

async function test(): Promise<Count> {
  let count = full ? { passed: 0, failed: 0 } : await check();
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
  if (!full) count = add(count, await tests(['contract-real', 'parity', 'release']));
  return add(count, await tests(full ? ['e2e-full'] : ['e2e']));
}

finish(await test());
