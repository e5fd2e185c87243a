import { type Check, passed, warn } from '../check.ts';

/** Warns if the loopback interface is down, because the components reach each other there. Upstream has no such check. */
export const loopback: Check = {
  name: 'Loopback',
  check: async ({ net }) => {
    const interfaces = await net.interfaces().catch(() => []);
    if (interfaces.length === 0 || interfaces.some((one) => one.loopback && one.up)) return passed;
    return warn(
      "the loopback interface is down, so the components cannot reach each other at 127.0.0.1: run 'ip link set lo up'",
    );
  },
};
