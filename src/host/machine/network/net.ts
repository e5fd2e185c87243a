import { readFileSync } from 'node:fs';

import { NetError } from '../../../errors.ts';
import type { NetReads, NetworkInterface } from '../../host.ts';

const IFF_UP = 1;
const IFF_LOOPBACK = 8;
const IFF_POINTOPOINT = 16;

export function createNet(): NetReads {
  return {
    hostname: async () => (await import('node:os')).hostname(),
    interfaces,
    // Sockets and TLS are slow to load, and most commands never ask the network.
    canListen: async (port) => await (await import('./sockets.ts')).canListen(port),
    lookup: async (name) => {
      const { lookup } = await import('node:dns/promises');
      try {
        return (await lookup(name, { all: true })).map(({ address }) => address);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'ENOTFOUND';
        throw new NetError(`the name ${name} cannot be resolved: ${code}`, code, { cause: error });
      }
    },
    get: async (url, options) => await (await import('./http.ts')).httpGet(url, options),
    answersOnSocket: async (path) => await (await import('./sockets.ts')).answersOnSocket(path),
  };
}

async function interfaces(): Promise<readonly NetworkInterface[]> {
  const { networkInterfaces } = await import('node:os');
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
