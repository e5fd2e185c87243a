import { isNotFound, messageOf } from '../../errors.ts';
import { type Check, passed, warn } from '../check.ts';

/** Warns if swap is on. Source: preflight/checks.go SwapCheck. */
export const swap: Check = {
  name: 'Swap',
  check: async ({ files }) => {
    try {
      // The first line is a heading.
      const [, ...devices] = (await files.readText('/proc/swaps')).trimEnd().split('\n');
      if (devices.length === 0) return passed;
      const names = devices.map((line) => line.split(/\s+/)[0]).join(', ');
      return warn(
        `swap is on (${names}): it is supported with cgroup v2 only, and the kubelet must be configured for it ` +
          '(https://kubernetes.io/docs/concepts/architecture/nodes/#swap-memory); turn it off with swapoff -a',
      );
    } catch (error) {
      return isNotFound(error) ? passed : warn(`/proc/swaps could not be read: ${messageOf(error)}`);
    }
  },
};
