import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { port } from './port.ts';

test('the check Port fails when something listens', async () => {
  expect(port(6443).name).toBe('Port-6443');
  expect(await verdict(port(6443), {}, ({ machine }) => machine.listening.add(6444))).toEqual(clean);
  const { errors } = await verdict(port(6443), {}, ({ machine }) => machine.listening.add(6443));
  expect(errors).toEqual([
    expect.stringMatching(/^Port 6443 is in use: .* this machine may be part of a cluster, else stop it$/),
  ]);
});
