import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { containerRuntimeVersion } from './container-runtime-version.ts';

const check = containerRuntimeVersion('unix:///run/x.sock');

test('the check ContainerRuntimeVersion warns of a runtime that does not tell its cgroup driver', async () => {
  expect(check.name).toBe('ContainerRuntimeVersion');
  expect(await verdict(check)).toEqual(clean);
  const { errors, warnings } = await verdict(check, {}, ({ runtime }) => {
    runtime.cgroupDriver = undefined;
  });
  expect(errors).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('RuntimeConfig')]);
});

test('the check ContainerRuntimeVersion fails without a runtime', async () => {
  const { errors } = await verdict(check, {}, ({ runtime }) => {
    runtime.reachable = false;
  });
  expect(errors).toEqual([expect.stringContaining('could not connect')]);
});
