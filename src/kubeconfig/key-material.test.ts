import { expect, test } from 'vitest';

import { createTestPki } from '../host/machine/network/tls.fixture.ts';
import { checkKeyMaterial } from './key-material.ts';

test('key material that cannot be read, or does not belong together, is refused', async () => {
  const [{ ca, client }, other] = [await createTestPki(), await createTestPki()];
  expect(() => checkKeyMaterial({ ca, ...client })).not.toThrow();
  expect(() => checkKeyMaterial({})).not.toThrow();
  expect(() => checkKeyMaterial({ ca: 'x' })).toThrow(
    'the certificate authority is not PEM that can be read',
  );
  expect(() => checkKeyMaterial({ cert: 'x', key: client.key })).toThrow('the client certificate is not PEM');
  expect(() => checkKeyMaterial({ cert: client.cert, key: 'x' })).toThrow('the client key is not PEM');
  expect(() => checkKeyMaterial({ cert: client.cert, key: other.client.key })).toThrow(
    'the client key does not belong to the client certificate',
  );
});
