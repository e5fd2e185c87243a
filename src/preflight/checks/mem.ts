import { type Check, fail, passed } from '../check.ts';

/** Fails below `requiredMiB` of memory, counted in whole MiB. Source: preflight/checks_linux.go MemCheck. */
export function mem(requiredMiB: number): Check {
  return {
    name: 'Mem',
    check: async ({ system }) => {
      const bytes = system.totalMemory();
      if (bytes === undefined) {
        return fail(
          `the amount of memory could not be read; a control plane needs at least ${requiredMiB} MB`,
        );
      }
      const actual = Math.floor(bytes / 1024 / 1024);
      if (actual >= requiredMiB) return passed;
      return fail(`the machine has ${actual} MB of memory, a control plane needs at least ${requiredMiB} MB`);
    },
  };
}
