import { createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import { initInput } from '../phases/init/input.fixture.ts';
import { filesToShare, seal, unseal } from './upload-certs.ts';

const key = 'ab'.repeat(32);
const { random } = createMemoryHost();

describe('seal', () => {
  test('returns the nonce, the ciphertext and the tag of AES-256-GCM', () => {
    const sealed = seal(Buffer.from('a certificate'), key, random);
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key, 'hex'), sealed.subarray(0, 12));
    decipher.setAuthTag(sealed.subarray(-16));
    expect(decipher.update(sealed.subarray(12, -16)).toString()).toBe('a certificate');
    expect(decipher.final()).toHaveLength(0);
  });

  test('returns different bytes each time, which the same key decrypts', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (plain) => {
        const sealed = seal(plain, key, random);
        expect(Uint8Array.from(unseal(sealed, key))).toEqual(plain);
        expect(seal(plain, key, random)).not.toEqual(sealed);
      }),
    );
  });

  test('returns bytes that another key, or a changed byte, cannot decrypt', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, place, change) => {
        const sealed = seal(plain, key, random);
        expect(() => unseal(sealed, 'cd'.repeat(32))).toThrow('cannot be decrypted with this key');
        const at = place % sealed.length;
        sealed[at] = (sealed[at] ?? 0) ^ change;
        expect(() => unseal(sealed, key)).toThrow('cannot be decrypted with this key');
      }),
    );
  });

  test('refuses a malformed key without showing it, and unseal refuses a short text', () => {
    expect(() => unseal(new Uint8Array(27), key)).toThrow('cannot be decrypted with this key');
    expect(() => seal(new Uint8Array(), 'secret-key', random)).toThrow(/^(?!.*secret-key)/);
  });
});

test('the files of an external etcd are uploaded instead of those of a local one', () => {
  const external = {
    endpoints: [],
    httpEndpoints: [],
    caFile: '/e/ca',
    certFile: '/e/crt',
    keyFile: '/e/key',
  };
  const { cluster } = initInput({ cluster: { etcd: { external } } });
  expect(filesToShare(cluster)).toEqual({
    'ca.crt': '/etc/kubernetes/pki/ca.crt',
    'ca.key': '/etc/kubernetes/pki/ca.key',
    'front-proxy-ca.crt': '/etc/kubernetes/pki/front-proxy-ca.crt',
    'front-proxy-ca.key': '/etc/kubernetes/pki/front-proxy-ca.key',
    'sa.pub': '/etc/kubernetes/pki/sa.pub',
    'sa.key': '/etc/kubernetes/pki/sa.key',
    'external-etcd-ca.crt': '/e/ca',
    'external-etcd.crt': '/e/crt',
    'external-etcd.key': '/e/key',
  });
});
