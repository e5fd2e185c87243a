import { expect, test } from 'vitest';

import { caPin, certificateKey, controlPlaneHost, token } from '../phases/init/input.fixture.ts';
import { createToken } from './create-token.ts';

test('a program gets the token and how nodes join as data, and the secrets are not printed', async () => {
  const result = await createToken(controlPlaneHost(), { token, join: true, certificateKey, ttl: 3_600_000 });
  expect(result.tokens.map((one) => one.reveal())).toEqual([token]);
  expect(result.join).toMatchObject({ endpoint: 'lb.example:7443', caCertHashes: [caPin] });
  expect(result.join?.worker.reveal()).toContain(`kubeadm join lb.example:7443 --token ${token} `);
  expect(result.join?.controlPlane.reveal()).toContain(`--certificate-key ${certificateKey}`);
  expect(JSON.stringify(result)).not.toContain(token);
  expect(JSON.stringify(result)).not.toContain(certificateKey);
});

test('a program gets the tokens of a text without join data unless it asks for them', async () => {
  const configText = `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens: [{ token: ${token} }, { token: fedcba.fedcba9876543210 }]
localAPIEndpoint: { advertiseAddress: 10.88.0.10 }
`;
  const { join, tokens } = await createToken(controlPlaneHost(), { configText });
  expect(tokens.map((one) => one.reveal())).toEqual([token, 'fedcba.fedcba9876543210']);
  expect(join).toBeUndefined();
});

test('a malformed certificate key is refused without its text', async () => {
  const creating = createToken(controlPlaneHost(), { join: true, certificateKey: 'xyz' });
  await expect(creating).rejects.toThrow(/^--certificate-key: (?!.*xyz)/);
});
