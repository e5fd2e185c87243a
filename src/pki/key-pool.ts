import type { KeyAlgorithm, Keys } from '../host/ports.ts';

export interface KeyPlan {
  readonly algorithm: KeyAlgorithm;
  /** How many the run can need. */
  readonly count: number;
  /** How many are made at a time: that of the processors. */
  readonly atOnce: number;
  /** Aborted when the run has ended: no further key is begun. */
  readonly signal?: AbortSignal;
  /** Told of each key that is made, with how many there are by then. */
  readonly onMade?: (made: number) => void;
}

/**
 * Keys made in parallel, in memory, from now on, and handed out in the order in which they were begun: who asks
 * first waits least. Nothing is written before they are taken. More than were planned, or of another algorithm,
 * are made on demand.
 */
export function pooledKeys(keys: Keys, { algorithm, atOnce, count, onMade, signal }: KeyPlan): Keys {
  const lanes: Promise<unknown>[] = Array.from({ length: atOnce }, () => Promise.resolve());
  let made = 0;
  const pool = Array.from({ length: count }, (_, index) => {
    const lane = index % atOnce;
    const key = (lanes[lane] ?? Promise.resolve()).then(async () => {
      signal?.throwIfAborted();
      const pair = await keys.generate(algorithm);
      onMade?.(++made);
      return pair;
    });
    // A key that nobody takes must not end the process when it fails, nor keep back the next one.
    lanes[lane] = key.catch(() => undefined);
    return key;
  });
  return {
    generate: async (wanted) => {
      const next = wanted === algorithm ? pool.shift() : undefined;
      return await (next ?? keys.generate(wanted));
    },
  };
}
