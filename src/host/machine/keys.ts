import type { Keys } from '../../host.ts';

/** Each key pair is generated on demand, on a thread of its own. */
export const nodeKeys: Keys = {
  generate: async (algorithm) => await (await import('../../pki/generate-key.ts')).generateKey(algorithm),
};
