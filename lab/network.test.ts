import { expect, test } from 'vitest';

import { addressesOf, gatewayScript, nodeScript, readNetwork } from './network.ts';
import { hostsFile } from './root.ts';

test('a node has the addresses of its number in both families', () => {
  const both = readNetwork({ ipv6: true });
  expect(addressesOf(both, 1)).toEqual({ ipv4: '10.88.0.1', ipv6: 'fd00:88::1' });
  expect(addressesOf(both, 26)).toEqual({ ipv4: '10.88.0.26', ipv6: 'fd00:88::1a' });
  expect(addressesOf(readNetwork({ ipv4: '192.168.7.0/24' }), 10)).toEqual({
    ipv4: '192.168.7.10',
    ipv6: undefined,
  });
  expect(addressesOf(readNetwork({ ipv4: false, ipv6: 'FD01:2::/64' }), 10)).toEqual({
    ipv4: undefined,
    ipv6: 'fd01:2::a',
  });
});

test.each([
  [{ ipv4: '10.88.0.0/16' }],
  [{ ipv4: '10.88.0.5/24' }],
  [{ ipv6: 'fd00:88::/48' }],
  [{ ipv6: 'fd00:88::1/64' }],
  [{ ipv4: false, ipv6: false }],
] as const)('the network options %o are refused', (spec) => {
  expect(() => readNetwork(spec)).toThrow();
});

test('a lab is full after 245 nodes', () => {
  expect(addressesOf(readNetwork(), 254).ipv4).toBe('10.88.0.254');
  expect(() => addressesOf(readNetwork(), 255)).toThrow(/245/);
});

test('a node forwards or does not, and its default route is the gateway', () => {
  const network = readNetwork();
  expect(nodeScript(network, 10, true)).toContain('echo 1 > /proc/sys/net/ipv4/ip_forward');
  expect(nodeScript(network, 10, false)).toContain('echo 0 > /proc/sys/net/ipv4/ip_forward');
  expect(nodeScript(network, 10, true)).toContain('ip route add default via 10.88.0.1');
  expect(nodeScript(readNetwork({ ipv4: false, ipv6: true }), 10, true)).not.toContain('10.88');
  expect(gatewayScript(network)).not.toContain('address add undefined');
});

test('the hosts file of a node names every node', () => {
  const network = readNetwork({ ipv6: true });
  const text = hostsFile([
    { name: 'n1', addresses: addressesOf(network, 10) },
    { name: 'h1', addresses: addressesOf(network, 11) },
  ]);
  expect(text.split('\n')).toEqual(
    expect.arrayContaining(['10.88.0.10 n1', 'fd00:88::a n1', '10.88.0.11 h1']),
  );
  expect(text).toContain('127.0.0.1 localhost\n');
});
