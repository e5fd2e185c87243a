import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { nodeIp } from './node-ip.ts';

const check = (value: string) => nodeIp({ kubeletExtraArgs: [{ name: 'node-ip', value }] });

test('the check NodeIP warns of an address of another machine, also beside one of this machine', async () => {
  for (const value of ['192.0.2.9', '10.0.0.5,192.0.2.9']) {
    expect(await verdict(check(value))).toEqual({
      errors: [],
      warnings: [
        expect.stringMatching(/^no interface of this machine has the address 192\.0\.2\.9 of node-ip/),
      ],
    });
  }
});

test.each([['10.0.0.5'], ['0.0.0.0'], ['::'], ['not an address'], ['']])(
  'the check NodeIP does not warn of node-ip=%s',
  async (value) => {
    expect(await verdict(check(value))).toEqual(clean);
  },
);

test('the check NodeIP does not warn if the interfaces cannot be listed, or without the flag', async () => {
  const unknown = await verdict(check('192.0.2.9'), {}, ({ machine }) => {
    machine.interfaces = [];
  });
  expect(unknown).toEqual(clean);
  expect(await verdict(nodeIp({ kubeletExtraArgs: [] }))).toEqual(clean);
});
