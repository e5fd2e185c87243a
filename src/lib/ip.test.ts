import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addressAt,
  contains,
  fromValue,
  isGlobalUnicast,
  isLoopback,
  parseCIDR,
  parseCIDRSloppy,
  parseIP,
  parseIPSloppy,
} from './ip.ts';

test.each([
  ['10.0.0.5', '10.0.0.5'],
  ['FD00:0:0::5', 'fd00::5'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['::ffff:10.0.0.5', '10.0.0.5'],
  ['::', '::'],
  ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
])('the canonical text of %s is %s', (text, canonical) => {
  expect(parseIP(text)?.text).toBe(canonical);
});

test.each([
  '',
  '10',
  '10.0.0',
  '010.0.0.1',
  '10.0.0.256',
  'fe80::1%eth0',
  '1::2::3',
  '10.0.0.5/8',
  ' 10.0.0.5',
])('the text "%s" is not an address', (text) => {
  expect(parseIP(text)).toBeUndefined();
});

test('the sloppy parsers accept leading zeros, and refuse other invalid texts', () => {
  expect(parseIPSloppy('010.001.000.08')?.text).toBe('10.1.0.8');
  expect(parseIPSloppy('::ffff:010.0.0.1')?.text).toBe('10.0.0.1');
  expect(parseIPSloppy('fd00::0001')?.text).toBe('fd00::1');
  expect(parseIPSloppy('010.0.0')).toBeUndefined();
  expect(parseCIDRSloppy('010.0.0.0/016')?.text).toBe('10.0.0.0/16');
  expect(parseCIDRSloppy('fd00::/0112')?.prefix).toBe(112);
  expect(parseCIDRSloppy('10.0.0.0/+16')).toBeUndefined();
  expect(parseCIDRSloppy('10.0.0.0/33')).toBeUndefined();
  expect(parseCIDRSloppy('::ffff:10.0.0.0/112')).toMatchObject({ family: 6, prefix: 112 });
});

test('parseCIDR clears the host bits, and addressAt counts from the base address', () => {
  const cidr = parseCIDR('10.96.0.7/12');
  expect(cidr?.text).toBe('10.96.0.0/12');
  expect(cidr && addressAt(cidr, 10)).toBe('10.96.0.10');
  const small = parseCIDR('10.0.0.0/30');
  expect(small && addressAt(small, 4)).toBeUndefined();
});

test.each([
  ['10.0.0.1', true],
  ['127.0.0.1', false],
  ['169.254.1.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['0.0.0.0', false],
  ['fd00::1', true],
  ['fe80::1', false],
  ['ff02::1', false],
  ['::1', false],
])('%s is global unicast: %s', (text, expected) => {
  const ip = parseIP(text);
  expect(ip && isGlobalUnicast(ip)).toBe(expected);
});

test('an address in a network of mapped IPv4 addresses is written as an IPv4 address', () => {
  const cidr = parseCIDRSloppy('::ffff:10.0.0.0/112');
  expect(cidr && addressAt(cidr, 10)).toBe('10.0.0.10');
});

test('127.0.0.0/8 and ::1 are loopback', () => {
  expect(
    ['127.1.2.3', '::1', '128.0.0.1', '::2'].map((text) => isLoopback(parseIP(text) ?? fromValue(4, 0n))),
  ).toEqual([true, true, false, false]);
});

test('parsing the canonical text of an address returns the address, which each of its networks contains', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(4, 6),
      fc.bigInt(0n, (1n << 128n) - 1n),
      fc.nat(32),
      (family, bits, prefix) => {
        const ip = fromValue(family, family === 4 ? bits & 0xffffffffn : bits);
        if (family === 6 && ip.value >> 32n === 0xffffn) return;
        expect(parseIP(ip.text)).toEqual(ip);
        const cidr = parseCIDR(`${ip.text}/${prefix}`);
        expect(cidr && contains(cidr, ip)).toBe(true);
      },
    ),
  );
});
