/** getifaddrs(3) through libc, in the executable. */

import { read } from 'bun:ffi';

import { fromValue } from '../../../lib/ip.ts';
import { loadLibc } from '../ffi/ffi.ts';
import type { InterfaceAddress } from './interfaces.ts';

const AF_INET = 2;
const AF_INET6 = 10;

/** Returns every interface at least once, with the kernel's flags. Addresses are in the kernel's order. */
export async function interfaceAddresses(): Promise<readonly InterfaceAddress[]> {
  const { FFIType, ptr } = await import('bun:ffi');
  const { getifaddrs, freeifaddrs } = await loadLibc({
    getifaddrs: { args: [FFIType.ptr], returns: FFIType.i32 },
    freeifaddrs: { args: [FFIType.ptr], returns: FFIType.i32 },
  });
  const list = Buffer.alloc(8);
  if (getifaddrs(ptr(list)) !== 0) throw new Error('getifaddrs failed');
  const first = Number(list.readBigUInt64LE());
  const found: InterfaceAddress[] = [];
  // struct ifaddrs: next, name, flags (32 bits, padded), address, netmask, …
  for (let entry = first; entry !== 0; entry = read.ptr(entry, 0)) {
    const address = addressOf(read.ptr(entry, 24), read.ptr(entry, 32));
    const own = { name: textAt(read.ptr(entry, 8)), flags: read.u32(entry, 16) };
    found.push(address === undefined ? own : { ...own, address });
  }
  freeifaddrs(first);
  return found;
}

/** `10.0.0.5/24`; undefined if the address is not an IP address. */
function addressOf(address: number, netmask: number): string | undefined {
  if (address === 0 || netmask === 0) return undefined;
  const family = read.u16(address, 0);
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  // struct sockaddr_in: family, port, address; sockaddr_in6: family, port, flow, address.
  const [offset, length] = family === AF_INET ? [4, 4] : [8, 16];
  const bytesAt = (pointer: number): readonly number[] =>
    Array.from({ length }, (_, index) => read.u8(pointer, offset + index));
  const value = bytesAt(address).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const prefix = bytesAt(netmask)
    .map((byte) => byte.toString(2).replaceAll('0', '').length)
    .reduce((sum, bits) => sum + bits, 0);
  return `${fromValue(family === AF_INET ? 4 : 6, value).text}/${prefix}`;
}

function textAt(pointer: number): string {
  const bytes: number[] = [];
  for (let offset = 0, byte = read.u8(pointer, 0); byte !== 0; byte = read.u8(pointer, ++offset))
    bytes.push(byte);
  return Buffer.from(bytes).toString();
}
