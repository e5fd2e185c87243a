import { expect, test } from 'vitest';

import type { KeyAlgorithm } from '../host.ts';
import { pooledKeys } from './key-pool.ts';

function counting() {
  const made: KeyAlgorithm[] = [];
  return {
    made,
    generate: async (algorithm: KeyAlgorithm) => {
      made.push(algorithm);
      return { privateKey: `key ${made.length}`, publicKey: '' };
    },
  };
}

test('all planned keys are begun at once and taken in order; further ones are made on demand', async () => {
  const keys = counting();
  const pool = pooledKeys(keys, { algorithm: 'RSA-2048', count: 2, atOnce: 2 });
  await Promise.resolve();
  expect(keys.made).toHaveLength(2);
  expect((await pool.generate('RSA-2048')).privateKey).toBe('key 1');
  expect((await pool.generate('ECDSA-P256')).privateKey).toBe('key 3');
  expect((await pool.generate('RSA-2048')).privateKey).toBe('key 2');
  expect((await pool.generate('RSA-2048')).privateKey).toBe('key 4');
});

test('the pool reports how many keys it has', async () => {
  const told: number[] = [];
  const onMade = (made: number): void => void told.push(made);
  const pool = pooledKeys(counting(), { algorithm: 'RSA-2048', count: 3, atOnce: 2, onMade });
  for (let taken = 0; taken < 3; taken++) await pool.generate('RSA-2048');
  expect(told).toEqual([1, 2, 3]);
});

test('a key that fails is an error for its taker alone', async () => {
  let first = true;
  const pool = pooledKeys(
    {
      generate: async () => {
        if (!first) return { privateKey: 'good', publicKey: '' };
        first = false;
        throw new Error('no entropy');
      },
    },
    { algorithm: 'RSA-2048', count: 2, atOnce: 1 },
  );
  await expect(pool.generate('RSA-2048')).rejects.toThrow('no entropy');
  expect((await pool.generate('RSA-2048')).privateKey).toBe('good');
});

test('the pool makes at most the given number of keys at once, in the order of the requests', async () => {
  const waiting: (() => void)[] = [];
  const generate = async () => {
    const index = waiting.length;
    await new Promise<void>((resolve) => waiting.push(resolve));
    return { privateKey: `key ${index}`, publicKey: '' };
  };
  const pool = pooledKeys({ generate }, { algorithm: 'RSA-2048', count: 5, atOnce: 2 });
  const first = pool.generate('RSA-2048');
  await Promise.resolve();
  expect(waiting).toHaveLength(2);
  waiting[0]?.();
  expect((await first).privateKey).toBe('key 0');
  await new Promise((resolve) => setImmediate(resolve));
  expect(waiting).toHaveLength(3);
});

test('a slow key delays neither the next key nor an earlier request', async () => {
  let begun = 0;
  const generate = async () => {
    const index = begun++;
    if (index === 0) await new Promise(() => undefined);
    return { privateKey: `key ${index}`, publicKey: '' };
  };
  const pool = pooledKeys({ generate }, { algorithm: 'RSA-2048', count: 4, atOnce: 2 });
  for (const key of ['key 1', 'key 2', 'key 3']) {
    expect((await pool.generate('RSA-2048')).privateKey).toBe(key);
  }
});
