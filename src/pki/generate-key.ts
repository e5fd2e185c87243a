import { generateKeyPair } from 'node:crypto';
import type { GeneratedKey, KeyAlgorithm } from '../host.ts';

const rsaBits = { 'RSA-2048': 2048, 'RSA-3072': 3072, 'RSA-4096': 4096 } as const;
const curves = { 'ECDSA-P256': 'prime256v1', 'ECDSA-P384': 'secp384r1' } as const;

/** Makes a key pair on its own thread, so that several calls use several processors. */
export function generateKey(algorithm: KeyAlgorithm): Promise<GeneratedKey> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, publicKey: string, privateKey: string) =>
      error === null ? resolve({ privateKey, publicKey }) : reject(error);
    const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
    if (algorithm === 'ECDSA-P256' || algorithm === 'ECDSA-P384') {
      const privateKeyEncoding = { type: 'sec1', format: 'pem' } as const;
      generateKeyPair('ec', { namedCurve: curves[algorithm], publicKeyEncoding, privateKeyEncoding }, done);
    } else {
      const privateKeyEncoding = { type: 'pkcs1', format: 'pem' } as const;
      generateKeyPair(
        'rsa',
        { modulusLength: rsaBits[algorithm], publicKeyEncoding, privateKeyEncoding },
        done,
      );
    }
  });
}
