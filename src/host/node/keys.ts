import { generateKey } from '../../pki/generate-key.ts';
import type { GeneratedKey, KeyAlgorithm, Keys } from '../ports.ts';

export const directKeys: Keys = { generate: generateKey };

/**
 * Keys made in parallel, in memory, from now on; taken in the order in which they were begun. More than were
 * planned, or of another algorithm, are made on demand.
 */
export function pooledKeys(plan: { readonly algorithm: KeyAlgorithm; readonly count: number }): Keys {
  const pool: Promise<GeneratedKey>[] = Array.from(
    { length: plan.count },
    async () => await generateKey(plan.algorithm),
  );
  // A key that nobody takes must not end the process when it fails.
  for (const key of pool) key.catch(() => undefined);
  return {
    generate: async (algorithm) => {
      const next = algorithm === plan.algorithm ? pool.shift() : undefined;
      return await (next ?? generateKey(algorithm));
    },
  };
}
