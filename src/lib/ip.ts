import { ipFamily } from './ip-family.ts';

/** An address. `value` is its number, and `text` its canonical form (RFC 5952 for IPv6). */
export interface IP {
  readonly family: 4 | 6;
  readonly value: bigint;
  readonly text: string;
}

/** A network. The host bits of `network` are zero. */
export interface CIDR {
  readonly family: 4 | 6;
  readonly network: bigint;
  readonly prefix: number;
  readonly text: string;
}

/** Returns undefined if the text is not an address. Zones such as `fe80::1%eth0` are refused, as by Go's ParseIP. */
export function parseIP(text: string): IP | undefined {
  const family = ipFamily(text);
  if (family === 4)
    return fromValue(
      4,
      text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n),
    );
  if (family === 6) return fromValue6(text);
  return undefined;
}

function fromValue6(text: string): IP {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain =
    dotted === null
      ? text
      : `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  const value = groups.reduce((sum: bigint, group: string) => (sum << 16n) | BigInt(`0x${group}`), 0n);
  // An IPv4-mapped IPv6 address is that IPv4 address, as in Go.
  if (value >> 32n === 0xffffn) return fromValue(4, value & 0xffffffffn);
  return fromValue(6, value);
}

/** The address with this number. */
export function fromValue(family: 4 | 6, value: bigint): IP {
  return { family, value, text: family === 4 ? formatIPv4(value) : formatIPv6(value) };
}

/** Returns undefined if the text is not a CIDR. Host bits are set to zero. */
export function parseCIDR(text: string): CIDR | undefined {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const ip = parseIP(match?.[1] ?? '');
  const prefix = Number(match?.[2]);
  if (ip === undefined || prefix > bitsOf(ip.family)) return undefined;
  const hostBits = BigInt(bitsOf(ip.family) - prefix);
  const network = (ip.value >> hostBits) << hostBits;
  return { family: ip.family, network, prefix, text: `${fromValue(ip.family, network).text}/${prefix}` };
}

/**
 * Reads an address as Kubernetes does (k8s.io/utils/net ParseIPSloppy): leading zeros in the parts of an IPv4 address
 * are allowed and have no meaning.
 */
export function parseIPSloppy(text: string): IP | undefined {
  return parseIP(withoutLeadingZeros(text));
}

/** Reads a network as Kubernetes does (ParseCIDRSloppy): leading zeros are allowed, in the prefix too. */
export function parseCIDRSloppy(text: string): CIDR | undefined {
  const [, address = '', prefix = ''] = /^([^/]+)\/0*(\d+)$/.exec(text) ?? [];
  const plain = parseCIDR(`${withoutLeadingZeros(address)}/${prefix}`);
  if (plain !== undefined || !address.includes(':')) return plain;
  // An IPv4-mapped IPv6 address stays IPv6 here, because its prefix counts 128 bits.
  const ip = parseIP(address);
  if (ip?.family !== 4 || Number(prefix) > 128) return undefined;
  const hostBits = BigInt(128 - Number(prefix));
  const network = (((0xffffn << 32n) | ip.value) >> hostBits) << hostBits;
  return { family: 6, network, prefix: Number(prefix), text: `${address}/${prefix}` };
}

function withoutLeadingZeros(text: string): string {
  return text.replace(/(^|[:.])0+(?=\d+\.|\d+$)/g, (whole, before: string) =>
    text.includes('.') ? before : whole,
  );
}

/** The address at an index of a network, counted from its base; undefined beyond its end. */
export function addressAt(cidr: CIDR, n: number): string | undefined {
  const ip = fromValue(cidr.family, cidr.network + BigInt(n));
  return contains(cidr, ip) ? ip.text : undefined;
}

/** Works as `addressAt`. @throws RangeError if the network is too small */
export function nthAddress(cidr: CIDR, n: number): string {
  const text = addressAt(cidr, n);
  if (text === undefined) throw new RangeError(`${cidr.text} has no address number ${n}`);
  return text;
}

export function contains(cidr: CIDR, ip: IP): boolean {
  const hostBits = BigInt(bitsOf(cidr.family) - cidr.prefix);
  return cidr.family === ip.family && ip.value >> hostBits === cidr.network >> hostBits;
}

export function isIPv6(text: string): boolean {
  return parseIP(text)?.family === 6;
}

export function isLoopback(ip: IP): boolean {
  return ip.family === 4 ? ip.value >> 24n === 127n : ip.value === 1n;
}

export function isUnspecified(ip: IP): boolean {
  return ip.value === 0n;
}

/** Works as Go's IsGlobalUnicast: not broadcast, unspecified, loopback, multicast or link-local. */
export function isGlobalUnicast(ip: IP): boolean {
  if (isUnspecified(ip) || isLoopback(ip)) return false;
  if (ip.family === 4)
    return ip.value !== 0xffffffffn && ip.value >> 28n !== 0xen && ip.value >> 16n !== 0xa9fen;
  return ip.value >> 120n !== 0xffn && ip.value >> 118n !== 0x3fan;
}

/** The length of an address in bits. */
export function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function formatIPv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
}

/**
 * Writes the longest run of two or more zero groups as `::`. Of equal runs, the first one. An address that stands for
 * an IPv4 address is written as that one (Go's net.IP.String).
 */
function formatIPv6(value: bigint): string {
  if (value >> 32n === 0xffffn) return formatIPv4(value & 0xffffffffn);
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(16 * (7 - index))) & 0xffffn).toString(16),
  );
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.start === -1) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}
