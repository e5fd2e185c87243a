import type { Emit } from '../events.ts';
import type { Host, KeyAlgorithm, Keys } from '../host.ts';
import { pooledKeys } from '../pki/key-pool.ts';

/** The keys that a run is expected to need. */
export interface KeyPlan {
  readonly algorithm: KeyAlgorithm;
  readonly count: number;
}

/**
 * Passes a host to `use` whose keys are generated from now on, while checks run and certificates are signed. The phases
 * do not notice. If the first key that a phase takes is of another algorithm, as many keys of that one are generated
 * instead. After `use` has ended, for example because of a failed check, no other key is begun.
 */
export async function withPlannedKeys<T>(
  { emit, host, plan }: { readonly host: Host; readonly plan: KeyPlan; readonly emit: Emit },
  use: (host: Host) => Promise<T>,
): Promise<T> {
  if (plan.count < 2) return await use(host);
  let pool = beginPool(host, plan, emit);
  let isTaken = false;
  const generate: Keys['generate'] = async (algorithm) => {
    if (!isTaken && algorithm !== pool.algorithm) {
      pool.end();
      pool = beginPool(host, { ...plan, algorithm }, emit);
    }
    isTaken = true;
    return await pool.keys.generate(algorithm);
  };
  try {
    return await use({ ...host, keys: { generate } });
  } finally {
    pool.end();
  }
}

function beginPool(host: Host, { algorithm, count }: KeyPlan, emit: Emit) {
  const start = host.clock.monotonic();
  emit({ type: 'keys-making', algorithm, count });
  const ended = new AbortController();
  const keys = pooledKeys(host.keys, {
    algorithm,
    count,
    atOnce: host.system.cpus(),
    signal: ended.signal,
    onMade: (made) => {
      // Ignore keys that are finished after the pool has ended.
      if (ended.signal.aborted) return;
      emit({ type: 'key-made', made, count, milliseconds: host.clock.monotonic() - start });
    },
  });
  return { algorithm, keys, end: () => ended.abort() };
}
