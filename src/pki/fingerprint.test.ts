import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';

import { caPem, caPin } from '../phases/init/input.fixture.ts';
import { keyFingerprint, textFingerprint } from './fingerprint.ts';

test('the fingerprint of a certificate is that of --discovery-token-ca-cert-hash', () => {
  expect(keyFingerprint(caPem)).toBe(caPin);
});

test('both halves of a key pair have one fingerprint, in every form of the private key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const expected = keyFingerprint(publicKey.export({ type: 'spki', format: 'pem' }).toString());
  for (const type of ['sec1', 'pkcs8'] as const) {
    const pem = privateKey.export({ type, format: 'pem' }).toString();
    expect(keyFingerprint(pem)).toBe(expected);
    expect(
      keyFingerprint(`-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem}`),
    ).toBe(expected);
  }
});

test('a text without a key has the fingerprint of its bytes', () => {
  expect(keyFingerprint('no key')).toBe(textFingerprint('no key'));
  expect(textFingerprint('abc')).toBe(
    'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
