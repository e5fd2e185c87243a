/**
 * Finds out why a TCP connection fails. Bun reports every failure of connect(2) as ECONNREFUSED, so this file makes the
 * call through libc.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { parseIP } from '../../../lib/ip.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const POLLOUT = 4;
const EINPROGRESS = 115;

const names: Readonly<Record<number, string>> = {
  101: 'ENETUNREACH',
  110: 'ETIMEDOUT',
  111: 'ECONNREFUSED',
  113: 'EHOSTUNREACH',
};

/** Longer than the 3 s after which the kernel gives up on an address that does not answer ARP or neighbour discovery. */
const timeoutMs = 4000;

/**
 * Tries to connect once more, and closes the connection at once.
 *
 * @param address IPv4 or IPv6, without a zone
 * @returns ECONNREFUSED, ENETUNREACH, EHOSTUNREACH or ETIMEDOUT; undefined if the reason is unknown
 */
export async function connectErrno(address: string, port: number): Promise<string | undefined> {
  const { dlopen, FFIType, ptr, read } = await import('bun:ffi');
  const { i32, ptr: pointer } = FFIType;
  const { symbols } = dlopen('libc.so.6', {
    socket: { args: [i32, i32, i32], returns: i32 },
    connect: { args: [i32, pointer, i32], returns: i32 },
    poll: { args: [pointer, i32, i32], returns: i32 },
    getsockopt: { args: [i32, i32, i32, pointer, pointer], returns: i32 },
    close: { args: [i32], returns: i32 },
    __errno_location: { args: [], returns: pointer },
  });
  const target = socketAddress(address, port);
  const fd = symbols.socket(target.readInt16LE(0), SOCK_STREAM_NONBLOCK_CLOEXEC, 0);
  if (fd < 0) return undefined;
  try {
    if (symbols.connect(fd, ptr(target), target.length) === 0) return undefined;
    const errno = read.i32(symbols.__errno_location(), 0);
    if (errno !== EINPROGRESS) return names[errno];
    // struct pollfd: int fd; short events, revents.
    const poll = Buffer.alloc(8);
    poll.writeInt32LE(fd, 0);
    poll.writeInt16LE(POLLOUT, 4);
    for (const end = performance.now() + timeoutMs; symbols.poll(ptr(poll), 1, 0) === 0; await sleep(20)) {
      if (performance.now() > end) return 'ETIMEDOUT';
    }
    const [value, length] = [Buffer.alloc(4), Buffer.from([4, 0, 0, 0])];
    symbols.getsockopt(fd, SOL_SOCKET, SO_ERROR, ptr(value), ptr(length));
    return names[value.readInt32LE(0)];
  } finally {
    symbols.close(fd);
  }
}

/** struct sockaddr_in or sockaddr_in6; the family is in host byte order, the port in network byte order. */
function socketAddress(address: string, port: number): Buffer {
  if (!address.includes(':')) {
    const bytes = Buffer.alloc(16);
    bytes.writeInt16LE(AF_INET, 0);
    bytes.writeUInt16BE(port, 2);
    bytes.set(address.split('.').map(Number), 4);
    return bytes;
  }
  const bytes = Buffer.alloc(28);
  bytes.writeInt16LE(AF_INET6, 0);
  bytes.writeUInt16BE(port, 2);
  const value = parseIP(address)?.value ?? 0n;
  for (let at = 0; at < 16; at++) bytes[8 + at] = Number((value >> BigInt(8 * (15 - at))) & 0xffn);
  return bytes;
}
