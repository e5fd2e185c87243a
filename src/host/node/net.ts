import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { NetError } from '../../errors.ts';
import type { NetReads, NetworkInterface } from '../ports.ts';

const IFF_UP = 1;
const IFF_LOOPBACK = 8;
const IFF_POINTOPOINT = 16;

export function createNet(): NetReads {
  return {
    hostname: async () => hostname(),
    interfaces: async () => interfaces(),
    canListen,
    lookup: async (name) => {
      try {
        return (await lookup(name, { all: true })).map(({ address }) => address);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'ENOTFOUND';
        throw new NetError(`the name ${name} cannot be resolved: ${code}`, code, { cause: error });
      }
    },
    // Loading TLS reads all root certificates: most commands never ask the network.
    get: async (url, options) => await (await import('./http.ts')).httpGet(url, options),
    answersOnSocket,
  };
}

function interfaces(): readonly NetworkInterface[] {
  return Object.entries(networkInterfaces()).map(([name, addresses]) => {
    const flags = flagsOf(name);
    return {
      name,
      up: (flags & IFF_UP) !== 0,
      loopback: (flags & IFF_LOOPBACK) !== 0,
      pointToPoint: (flags & IFF_POINTOPOINT) !== 0,
      addresses: (addresses ?? []).flatMap(({ cidr }) => (cidr === null ? [] : [cidr])),
    };
  });
}

/** An interface that has gone in between counts as up. */
function flagsOf(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/flags`, 'utf8'));
  } catch {
    return IFF_UP;
  }
}

/**
 * Tried a few times: a program that is just being started holds a copy of every open socket, of the one that this
 * function has closed as well, until it has begun to run.
 */
async function canListen(port: number): Promise<boolean> {
  for (let left = 5; ; left--) {
    if (await canListenNow(port)) return true;
    if (left === 0) return false;
    await sleep(20);
  }
}

/** On all addresses of both families at once, as upstream; of IPv4 alone where IPv6 is off. */
async function canListenNow(port: number): Promise<boolean> {
  const listen = async (host: string): Promise<string | undefined> =>
    await new Promise((resolve) => {
      const server = createServer();
      server.once('error', (error) => resolve('code' in error ? String(error.code) : 'EIO'));
      server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
    });
  const dual = await listen('::');
  if (dual !== undefined && dual !== 'EAFNOSUPPORT' && dual !== 'EADDRNOTAVAIL') return false;
  // A listener on 127.0.0.1 alone leaves room on [::] where the kernel does not map addresses.
  return (await listen('0.0.0.0')) === undefined;
}

async function answersOnSocket(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ path });
    socket.setTimeout(2000, () => socket.destroy(new Error('timeout')));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
