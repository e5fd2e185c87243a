import { expect, test } from 'vitest';
import { caPem, caPin } from '../phases/init/input.fixture.ts';
import { caCertificateHashes } from './certificate-hash.ts';

test('the certificate hashes pin the public key of every certificate', () => {
  expect(caCertificateHashes(caPem)).toEqual([caPin]);
  expect(caCertificateHashes(`# bundle\n${caPem}\n${caPem}`)).toEqual([caPin, caPin]);
});

test('a text without certificates, or with a broken one, has no certificate hashes and is refused', () => {
  expect(() => caCertificateHashes('')).toThrow('no CA certificate');
  expect(() => caCertificateHashes('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toThrow(
    'cannot be parsed',
  );
});
