import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCertificates } from '../pki/files.ts';
import { parsePins, pinOf } from './ca-pins.ts';
import { ca, pin } from './discovery.fixture.ts';

const digits = fc.stringMatching(/^[0-9a-f]{64}$/);

test('the hash of a certificate is that of its public key, as openssl computes it', () => {
  expect(pinOf(parseCertificates(ca, 'the test').certificate)).toBe(pin);
});

test('hashes are read in lower and upper case', () => {
  fc.assert(
    fc.property(digits, (hex) => {
      const expected = new Set([`sha256:${hex}`]);
      expect(parsePins([`sha256:${hex}`, `SHA256:${hex.toUpperCase()}`, `Sha256:${hex}`])).toEqual(expected);
    }),
  );
});

test.each([
  ['', 'the format is'],
  ['0123', 'the format is'],
  [pin.slice(7), 'the format is'],
  [`${pin}:`, 'the format is'],
  [`sha256:${pin}`, 'the format is'],
  [pin.replace('sha256', 'sha1'), 'the format "sha1" is unknown'],
  [pin.replace('sha256', ' sha256'), 'the format " sha256" is unknown'],
  ['sha256:', 'it has 0 hexadecimal digits'],
  [pin.slice(0, -1), 'it has 63 hexadecimal digits'],
  [`${pin}0`, 'it has 65 hexadecimal digits'],
  [` ${pin}`, 'the format " sha256" is unknown'],
  [`${pin.slice(0, -1)}g`, 'characters that are not hexadecimal digits'],
  [`${pin.slice(0, -1)}\n`, 'characters that are not hexadecimal digits'],
  [`${pin.slice(0, -1)}０`, 'characters that are not hexadecimal digits'],
])('the CA hash %j is refused', (hash, problem) => {
  expect(() => parsePins([pin, hash])).toThrow(problem);
  expect(() => parsePins([pin, hash])).toThrow(
    expect.objectContaining({
      code: 'config-invalid',
      place: { path: 'discovery.bootstrapToken.caCertHashes[1]' },
    }),
  );
});
