import { type Check, fail, passed } from '../check.ts';

/** Fails unless the user is root. Source: preflight/checks_unix.go IsPrivilegedUserCheck. */
export const isPrivilegedUser: Check = {
  name: 'IsPrivilegedUser',
  check: async ({ system }) => {
    const uid = system.uid();
    if (uid === 0) return passed;
    return fail(`user is not running as root (user id ${uid}): run it as root, for instance with sudo`);
  },
};
