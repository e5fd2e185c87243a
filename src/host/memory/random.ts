import type { Random } from '../../host.ts';

/** Returns the same bytes for the same seed (xorshift32). Only for tests, because nothing about it is secret. */
export function createMemoryRandom(seed: number): Random {
  let state = seed === 0 ? 0x9e3779b9 : seed >>> 0;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state & 0xff;
  };
  return { bytes: (count) => Uint8Array.from({ length: count }, next) };
}
