import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detachedSignature, isSignedWith } from './jws.ts';

const token = 'abcdef.0123456789abcdef';
const content = 'apiVersion: v1\nkind: Config\n';
const signature = detachedSignature(content, token);

const tokens = fc.stringMatching(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);

test('the signature is the one of the controller manager', () => {
  // The vector of cluster-bootstrap/token/jws.
  const words = 'Hello from the other side. I must have called a thousand times.';
  expect(detachedSignature(words, 'joshua.my voice is my passcode')).toBe(
    'eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8',
  );
});

test('a signature holds for its content and its token', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), tokens, (text, each) => {
      expect(isSignedWith(each, detachedSignature(text, each), text)).toBe(true);
    }),
  );
});

test('a signature holds neither for another content nor for another token', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), tokens, tokens, (text, other, each, foreign) => {
      fc.pre(text !== other && each !== foreign);
      const made = detachedSignature(text, each);
      expect(isSignedWith(each, made, other)).toBe(false);
      expect(isSignedWith(foreign, made, text)).toBe(false);
    }),
  );
});

test('a signature with one other character does not hold', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: signature.length - 1 }),
      fc.string({ minLength: 1, maxLength: 1 }),
      (at, letter) => {
        fc.pre(signature[at] !== letter);
        const changed = signature.slice(0, at) + letter + signature.slice(at + 1);
        expect(isSignedWith(token, changed, content)).toBe(false);
      },
    ),
  );
});

describe('a signature in another spelling is refused:', () => {
  const base64url = (text: string): string => Buffer.from(text).toString('base64url');
  const [header = '', , mac = ''] = signature.split('.');
  const sign = (head: string, hash = 'sha256'): string => {
    const signed = `${base64url(head)}.${base64url(content)}`;
    return `${base64url(head)}..${createHmac(hash, '0123456789abcdef').update(signed).digest('base64url')}`;
  };
  test.each([
    ['with padding', `${header}..${mac}=`],
    ['with the alphabet of plain base64', `${header}..${Buffer.from(mac, 'base64url').toString('base64')}`],
    ['with other unused bits in its last character', `${header}..${mac.slice(0, -1)}${nextLetter(mac)}`],
    ['with a blank behind it', `${signature} `],
    ['with a line break behind it', `${signature}\n`],
    ['with the content inside', signature.replace('..', `.${base64url(content)}.`)],
    ['twice', `${signature}${signature}`],
    ['only its first half', signature.slice(0, signature.length / 2)],
    ['empty', ''],
    ['without a signature', `${header}..`],
    ['with the algorithm none', `${base64url('{"alg":"none","kid":"abcdef"}')}..`],
    ['with the algorithm none and a signature', sign('{"alg":"none","kid":"abcdef"}')],
    ['with the algorithm RS256', sign('{"alg":"RS256","kid":"abcdef"}')],
    ['with the algorithm HS512', sign('{"alg":"HS512","kid":"abcdef"}', 'sha512')],
    ['with the fields of the header in another order', sign('{"kid":"abcdef","alg":"HS256"}')],
    ['with one more field in the header', sign('{"alg":"HS256","kid":"abcdef","crit":[]}')],
    ['with the id of another token', sign('{"alg":"HS256","kid":"fedcba"}')],
  ])('%s', (_name, text) => {
    expect(isSignedWith(token, text, content)).toBe(false);
  });
});

/** The character after the last one in the base64url alphabet. It encodes the same bytes. */
function nextLetter(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(text.at(-1) ?? '') + 1] ?? 'A';
}
