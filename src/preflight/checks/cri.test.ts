import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { cri } from './cri.ts';

const check = cri('unix:///run/x.sock');

test('the check CRI looks at RuntimeReady only', async () => {
  expect(check.name).toBe('CRI');
  const condition = { status: false, reason: 'Broken', message: 'plugin not initialized' };
  const network = await verdict(check, {}, ({ runtime }) => {
    runtime.conditions = [{ ...condition, type: 'NetworkReady' }];
  });
  expect(network).toEqual(clean);
  const { errors } = await verdict(check, {}, ({ runtime }) => {
    runtime.conditions = [{ ...condition, type: 'RuntimeReady' }];
  });
  expect(errors).toEqual([
    expect.stringMatching(/RuntimeReady.*reason: Broken, message: plugin not initialized/),
  ]);
});

test('the check CRI fails without a runtime, and names the socket', async () => {
  const { errors } = await verdict(check, {}, ({ runtime }) => {
    runtime.reachable = false;
  });
  expect(errors).toEqual([
    expect.stringMatching(/^could not connect to the container runtime at unix:\/\/\/run\/x\.sock/),
  ]);
});
