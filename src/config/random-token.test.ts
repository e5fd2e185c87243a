import fc from 'fast-check';
import { expect, test } from 'vitest';

import { randomToken } from './random-token.ts';

test('a random token has the form of a token for all random bytes', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(255)), (stream) => {
      const bytes = (count: number) => Uint8Array.from({ length: count }, () => stream.next().value ?? 0);
      expect(randomToken({ bytes })).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    }),
  );
});

test('each letter of a random token is equally likely', () => {
  let next = 0;
  const bytes = (count: number) => Uint8Array.from({ length: count }, () => next++ % 256);
  const counts = new Map<string, number>();
  // A token has 22 letters. A round over all byte values gives 36 * 7 letters, and 11 tokens use 242 of them.
  for (let round = 0; round < 252; round += 1) {
    for (const letter of randomToken({ bytes }).replace('.', '')) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
  }
  expect(counts.size).toBe(36);
  const spread = Math.max(...counts.values()) - Math.min(...counts.values());
  expect(spread).toBeLessThan(30);
});
