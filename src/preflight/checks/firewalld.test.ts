import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { firewalld } from './firewalld.ts';

const check = firewalld([6443, 10250]);

test('the check Firewalld warns when firewalld is active', async () => {
  expect(check.name).toBe('Firewalld');
  expect(await verdict(check)).toEqual(clean);
  expect(await verdict(check, { services: { firewalld: { enabled: true } } })).toEqual(clean);
  const { errors, warnings } = await verdict(check, { services: { firewalld: { active: true } } });
  expect(errors).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(/6443 and 10250.*--add-port=6443\/tcp --add-port=10250\/tcp/),
  ]);
});

test('the check Firewalld warns when there is no init system to ask', async () => {
  expect((await verdict(check, { initSystem: 'none' })).warnings).toEqual([
    expect.stringContaining('no supported init system'),
  ]);
});
