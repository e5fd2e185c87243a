import type { GeneratedKey, KeyAlgorithm, Keys } from '../host.ts';

export interface KeyPlan {
  readonly algorithm: KeyAlgorithm;
  /** The largest number of keys that the run can need. */
  readonly count: number;
  /** The number of keys that are made at the same time, which is the number of processors. */
  readonly atOnce: number;
  /** Aborted when the run has ended. Then no further key is begun. */
  readonly signal?: AbortSignal;
  /** Called after each key with the number of keys so far. */
  readonly onMade?: (made: number) => void;
}

/**
 * Makes keys in parallel and in memory, beginning now, and hands them out in the order in which they are ready.
 * Nothing is written to the disk. Keys of another algorithm, or more keys than planned, are made on demand.
 */
export function pooledKeys(keys: Keys, { algorithm, atOnce, count, onMade, signal }: KeyPlan): Keys {
  const places = Array.from({ length: count }, () => Promise.withResolvers<GeneratedKey>());
  // A key that nobody takes must not end the process when it fails.
  for (const { promise } of places) promise.catch(() => undefined);
  let made = 0;
  const make = async () => {
    signal?.throwIfAborted();
    const pair = await keys.generate(algorithm);
    onMade?.(++made);
    return pair;
  };
  const toBegin = places.keys();
  const toFill = places.values();
  /** A free lane takes the next key, because one RSA key can take ten times as long as another. */
  const lane = async () => {
    for (const _ of toBegin) {
      const key = make();
      await key.catch(() => undefined);
      toFill.next().value?.resolve(key);
    }
  };
  for (let lanes = 0; lanes < atOnce; lanes++) void lane();
  const pool = places.map(({ promise }) => promise);
  return {
    generate: async (wanted) => {
      const next = wanted === algorithm ? pool.shift() : undefined;
      return await (next ?? keys.generate(wanted));
    },
  };
}
