import type { GeneratedKey, KeyAlgorithm, Keys } from '../host/ports.ts';

/**
 * Keys made in parallel, in memory, from now on, and taken in the order in which they were begun. Nothing is
 * written before they are taken. More than were planned, or of another algorithm, are made on demand.
 */
export function pooledKeys(
  keys: Keys,
  plan: { readonly algorithm: KeyAlgorithm; readonly count: number },
): Keys {
  const pool: Promise<GeneratedKey>[] = Array.from(
    { length: plan.count },
    async () => await keys.generate(plan.algorithm),
  );
  // A key that nobody takes must not end the process when it fails.
  for (const key of pool) key.catch(() => undefined);
  return {
    generate: async (algorithm) => {
      const next = algorithm === plan.algorithm ? pool.shift() : undefined;
      return await (next ?? keys.generate(algorithm));
    },
  };
}
