import { expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import type { NetworkInterface } from '../host.ts';
import { checkBindAddress, chooseAdvertiseAddress } from './advertise-address.ts';
import type { Finding } from './findings/finding.ts';

const route4 = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n';
const default4 = (name: string) => `${name}\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\n`;
const zero = '0'.repeat(32);
const default6 = (name: string) =>
  `${zero} 00 ${zero} 00 fe800000000000000000000000000001 00000400 1 0 00000003 ${name}\n`;

function device(name: string, ...addresses: string[]): NetworkInterface {
  return { name, up: true, loopback: name === 'lo', pointToPoint: false, addresses };
}

async function choose(
  given: string,
  interfaces: readonly NetworkInterface[],
  routes: { readonly four?: string; readonly six?: string } | undefined,
) {
  const host = createMemoryHost({
    files:
      routes === undefined
        ? {}
        : { '/proc/net/route': route4 + (routes.four ?? ''), '/proc/net/ipv6_route': routes.six ?? '' },
  });
  host.machine.interfaces = interfaces;
  const warnings: Finding[] = [];
  return {
    address: await chooseAdvertiseAddress(host, given, {
      path: 'localAPIEndpoint.advertiseAddress',
      warn: (finding) => warnings.push(finding),
    }),
    warnings,
  };
}

const lo = device('lo', '127.0.0.1/8', '::1/128');
const both = device('eth0', '192.0.2.5/24', 'fd00::5/64', 'fe80::5/64');

test.each([
  ['10.0.0.5', '10.0.0.5'],
  ['010.0.0.5', '10.0.0.5'],
  ['FD00:0::5', 'fd00::5'],
  ['224.0.0.1', '224.0.0.1'],
])('a configured address is not changed: %s', async (given, address) => {
  expect(await choose(given, [lo, both], { four: default4('eth0') })).toEqual({ address, warnings: [] });
});

test('the default is the address of the default route, IPv4 first, and IPv6 first for `::`', async () => {
  const routes = { four: default4('eth0'), six: default6('eth0') };
  expect(await choose('', [lo, both], routes)).toEqual({ address: '192.0.2.5', warnings: [] });
  expect(await choose('0.0.0.0', [lo, both], routes)).toEqual({ address: '192.0.2.5', warnings: [] });
  expect(await choose('::', [lo, both], routes)).toEqual({ address: 'fd00::5', warnings: [] });
  expect((await choose('', [lo, both], { six: default6('eth0') })).address).toBe('fd00::5');
});

test('an address of the loopback interface is used if the interface of the default route has none', async () => {
  const spare = device('lo', '127.0.0.1/8', '203.0.113.9/32');
  const bare = device('eth0', 'fe80::5/64');
  expect((await choose('', [spare, bare], { four: default4('eth0') })).address).toBe('203.0.113.9');
  await expect(choose('', [lo, bare], { four: default4('eth0') })).rejects.toThrow(
    'unable to select an IP from default routes.',
  );
});

test('without a default route the address is 0.0.0.0, with a warning', async () => {
  const { address, warnings } = await choose('', [lo, both], {});
  expect(address).toBe('0.0.0.0');
  expect(warnings[0]?.message).toContain('no default route');
});

test('without a routing table the first address of an interface that is up is used', async () => {
  expect(
    (await choose('', [lo, { ...both, up: false }, device('eth1', '192.0.2.6/24')], undefined)).address,
  ).toBe('192.0.2.6');
});

test('a loopback address is replaced by another address of `lo`', async () => {
  const spare = device('lo', '127.0.0.1/8', '203.0.113.9/32');
  const { address, warnings } = await choose('127.0.0.1', [spare, both], { four: default4('eth0') });
  expect(address).toBe('203.0.113.9');
  expect(warnings).toHaveLength(1);
  await expect(choose('::1', [lo, both], {})).rejects.toThrow(
    'unable to select an IP from lo network interface',
  );
});

test('text that is not an address is refused', async () => {
  await expect(choose('x', [lo, both], {})).rejects.toThrow('must be ipv4 or ipv6 address');
});

test('init binds only to global or loopback addresses', () => {
  for (const address of ['10.0.0.5', 'fd00::5', '127.0.0.1']) checkBindAddress(address);
  for (const address of ['0.0.0.0', '224.0.0.1', '169.254.0.1', 'fe80::1', '::']) {
    expect(() => checkBindAddress(address)).toThrow(`cannot use "${address}" as the bind address`);
  }
});
