import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { isPrivilegedUser } from './is-privileged-user.ts';

test('the check IsPrivilegedUser needs root', async () => {
  expect(isPrivilegedUser.name).toBe('IsPrivilegedUser');
  expect(await verdict(isPrivilegedUser, { uid: 0 })).toEqual(clean);
  expect((await verdict(isPrivilegedUser, { uid: 1000 })).errors).toEqual([
    expect.stringMatching(/^user is not running as root \(user id 1000\)/),
  ]);
});
