import { type Check, fail, passed } from '../check.ts';

/** Fails below `required` usable CPUs. Source: preflight/checks.go NumCPUCheck. */
export function numCpu(required: number): Check {
  return {
    name: 'NumCPU',
    check: async ({ system }) => {
      const cpus = system.cpus();
      if (cpus >= required) return passed;
      return fail(
        `this process can use ${cpus} CPU${cpus === 1 ? '' : 's'}, a control plane needs at least ${required}: ` +
          'give the machine more CPUs or widen the CPU affinity of this process',
      );
    },
  };
}
