import { expect, test } from 'vitest';

import { fuzz, mebibytes } from './fuzz.ts';

/** Each run tries the same inputs. `make fuzz` tries others. */
const seed = Number(process.env.FUZZ_SEED ?? 2_092_365_197);

test('20,000 random inputs end without a crash, a hang, a stack trace or a secret in the error', async () => {
  console.log(`fuzz: seed ${seed} (make fuzz SEED=${seed} N=20000 repeats it)`);
  const { memory, problems, seconds } = await fuzz({ seed, count: 20_000, report: console.log });
  console.log(`fuzz: 20000 inputs in ${seconds} s, at most ${mebibytes(memory)} of memory`);
  expect(problems.join('\n')).toBe('');
});
