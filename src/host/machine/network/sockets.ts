/** Sockets of the real machine: what listens, and what could. */
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Tried a few times: a program that is just being started holds a copy of every open socket, of the one that this
 * function has closed as well, until it has begun to run.
 */
export async function canListen(port: number): Promise<boolean> {
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

export async function answersOnSocket(path: string): Promise<boolean> {
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
