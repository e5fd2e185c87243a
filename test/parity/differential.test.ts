/** Runs random cases with both binaries, and compares exit codes, files and outputs. */
import { expect, test } from 'vitest';

import { differential, summaryOf } from './differential/differential.ts';

/** Each run tries the same cases. `make differential` tries others. */
const seed = Number(process.env.PARITY_SEED ?? 1_266_580_929);

test('1,000 random cases end in the same way with both binaries', async () => {
  console.log(`differential: seed ${seed} (make differential SEED=${seed} N=1000 repeats it)`);
  const result = await differential({ seed, count: 1_000, report: () => undefined });
  console.log(`differential: ${summaryOf(result)}`);
  expect(result.differences.join('\n')).toBe('');
  expect(result.cases).toBe(1_000);
  expect(result.succeeded, 'many cases should be valid').toBeGreaterThan(result.cases / 5);
});
