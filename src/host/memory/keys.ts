import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { GeneratedKey, KeyAlgorithm, Keys } from '../../host.ts';

const generatePair = promisify(generateKeyPair);
/** Generated once per process and algorithm, because RSA keys are slow and tests only need real ones. */
const made = new Map<KeyAlgorithm, Promise<GeneratedKey>[]>();
const kept: Readonly<Record<KeyAlgorithm, number>> = {
  'RSA-2048': 2,
  'RSA-3072': 1,
  'RSA-4096': 1,
  'ECDSA-P256': 16,
  'ECDSA-P384': 16,
};

/** Real keys, taken in turn from a small cache, so two certificates of a test may have the same key. */
export function createMemoryKeys(): Keys {
  const taken = new Map<KeyAlgorithm, number>();
  return {
    generate: (algorithm) => {
      const turn = taken.get(algorithm) ?? 0;
      taken.set(algorithm, turn + 1);
      const pool = made.get(algorithm) ?? [];
      made.set(algorithm, pool);
      const index = turn % kept[algorithm];
      const key = pool[index] ?? generate(algorithm);
      pool[index] = key;
      return key;
    },
  };
}

async function generate(algorithm: KeyAlgorithm): Promise<GeneratedKey> {
  if (algorithm.startsWith('RSA-')) {
    const { privateKey, publicKey } = await generatePair('rsa', {
      modulusLength: Number(algorithm.slice(4)),
    });
    return {
      privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    };
  }
  const { privateKey, publicKey } = await generatePair('ec', {
    namedCurve: algorithm.slice('ECDSA-'.length).replace('P', 'P-'),
  });
  return {
    privateKey: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
