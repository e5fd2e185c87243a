import { execFileSync } from 'node:child_process';
import { createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';

import { parsePem } from './pem.ts';
import { privateKeyOf } from './private-key.ts';

function openssl(command: string): string {
  return execFileSync('sh', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function keyIn(pem: string) {
  return parsePem(pem)
    .map(privateKeyOf)
    .find((key) => key !== undefined);
}

const ec = (curve: string, options = ''): string =>
  openssl(`openssl ecparam -name ${curve} -genkey -noout ${options}`);
const pkcs8 = openssl('openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256');
const rsa = openssl('openssl genrsa -traditional 2048');
const relabel = (pem: string, type: string): string => pem.replace(/(BEGIN|END) [A-Z ]+/g, `$1 ${type}`);

describe('a key that Go reads', () => {
  test.each([
    ['RSA in PKCS #1', rsa],
    ['RSA in PKCS #8', openssl('openssl genpkey -algorithm RSA')],
    ['ECDSA in SEC 1', ec('prime256v1')],
    ['ECDSA P-384 in SEC 1', ec('secp384r1')],
    ['ECDSA P-521 in SEC 1', ec('secp521r1')],
    ['ECDSA in PKCS #8', pkcs8],
  ])('the key %s is read', (_name, pem) => {
    expect(keyIn(pem)?.type).toBe('private');
  });

  test.each(['prime256v1', 'secp384r1', 'secp521r1'])(
    'the key %s without its public part is completed',
    (curve) => {
      const whole = ec(curve);
      const bare = execFileSync('openssl', ['ec', '-no_public'], {
        input: whole,
        encoding: 'utf8',
        stdio: 'pipe',
      });
      expect(bare.length).toBeLessThan(whole.length);
      const key = keyIn(bare);
      const expected = keyIn(whole);
      if (key === undefined || expected === undefined) throw new Error('the key was not read');
      const data = Buffer.from('data');
      expect(verify('sha256', data, createPublicKey(expected), sign('sha256', data, key))).toBe(true);
    },
  );
});

describe('a key that Go refuses', () => {
  test.each([
    ['a curve that is described by its parameters', ec('prime256v1', '-param_enc explicit')],
    ['PKCS #8 under EC PRIVATE KEY', relabel(pkcs8, 'EC PRIVATE KEY')],
    ['SEC 1 under RSA PRIVATE KEY', relabel(ec('prime256v1'), 'RSA PRIVATE KEY')],
    ['PKCS #8 under RSA PRIVATE KEY', relabel(openssl('openssl genpkey -algorithm RSA'), 'RSA PRIVATE KEY')],
    ['PKCS #1 under PRIVATE KEY', relabel(rsa, 'PRIVATE KEY')],
    [
      'PKCS #8 with a curve that is described by its parameters',
      openssl(
        'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit',
      ),
    ],
    ['a curve that Go does not know', ec('secp256k1')],
    ['an encrypted key', openssl('openssl genrsa -traditional -aes128 -passout pass:x 2048')],
  ])('the key %s is refused', (_name, pem) => {
    expect(pem).toContain('PRIVATE KEY');
    expect(keyIn(pem)).toBeUndefined();
  });
});
