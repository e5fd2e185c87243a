import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { numCpu } from './num-cpu.ts';

test('the check NumCPU counts the CPUs that this process may use', async () => {
  expect(numCpu(2).name).toBe('NumCPU');
  expect(await verdict(numCpu(2), { cpus: 2 })).toEqual(clean);
  const { errors, warnings } = await verdict(numCpu(2), { cpus: 1 });
  expect(warnings).toEqual([]);
  expect(errors).toEqual([expect.stringMatching(/1 CPU,.* at least 2/)]);
});
