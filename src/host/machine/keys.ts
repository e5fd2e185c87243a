import type { Keys } from '../../host.ts';

/** Each key pair is made when it is asked for, on a thread of its own. */
export const nodeKeys: Keys = {
  generate: async (algorithm) => await (await import('../../pki/generate-key.ts')).generateKey(algorithm),
};
