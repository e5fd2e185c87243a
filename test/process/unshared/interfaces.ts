/** The interfaces of a separate network namespace (see ../unshared.test.ts), created with `ip`. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { createMachineHost } from '../../../src/host/machine/index.ts';

const ip = (command: string): void => void execFileSync('ip', command.split(' '));

ip('link set lo up');
ip('link add eth0 type veth peer name peer0');
ip('addr add 192.0.2.77/24 dev eth0 label eth0:1');
ip('addr add 192.0.2.78/32 dev eth0');
ip('addr add 2001:db8::77/64 dev eth0 nodad');
// The peer stays down, so eth0 is UP with NO-CARRIER.
ip('link set eth0 up');
ip('link add eth1 type veth peer name peer1');
ip('link set eth1 up');
ip('link set peer1 up');
ip('addr add 198.51.100.7/24 dev eth1');

test('interfaces without carrier are listed, and labelled addresses belong to their interface', async () => {
  const interfaces = await createMachineHost().net.interfaces();
  const named = (name: string) => interfaces.find((entry) => entry.name === name);
  assert.deepEqual(named('lo'), {
    name: 'lo',
    up: true,
    loopback: true,
    pointToPoint: false,
    addresses: ['127.0.0.1/8', '::1/128'],
  });
  const eth0 = named('eth0');
  assert.equal(eth0?.up, true);
  assert.equal(eth0.loopback, false);
  assert.deepEqual([...eth0.addresses].sort(), ['192.0.2.77/24', '192.0.2.78/32', '2001:db8::77/64']);
  assert.equal(named('eth1')?.addresses[0], '198.51.100.7/24');
  const peer0 = named('peer0');
  assert.equal(peer0?.up, false);
  assert.deepEqual(peer0.addresses, []);
  assert.equal(
    interfaces.some(({ name }) => name.includes(':')),
    false,
  );
});
