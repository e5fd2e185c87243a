import type { GeneratedKey, KeyAlgorithm, Keys } from '../host.ts';

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
 * Keys made in parallel, in memory, from now on, and handed out in the order in which they are ready: who asks
 * first waits least. Nothing is written before they are taken. More than were planned, or of another algorithm,
 * are made on demand.
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
  /** Whichever is free goes on: one RSA key takes up to ten times as long as another. */
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
