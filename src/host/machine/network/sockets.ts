/** Sockets of the real machine: which ports are in use, and which are free. */
import { connect, createServer, type IpcNetConnectOpts, type TcpNetConnectOpts } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOutcome } from '../../../host.ts';
import { serverOf } from '../../../lib/host-port.ts';

/**
 * It tries several times. A program that is just being started holds a copy of every open socket until it runs, even of
 * the socket that this function has just closed.
 */
export async function canListen(port: number): Promise<boolean> {
  for (let left = 5; ; left--) {
    if (await canListenNow(port)) return true;
    if (left === 0) return false;
    await sleep(20);
  }
}

/** Tries all addresses of both families at once, as upstream; only IPv4 if IPv6 is off. */
async function canListenNow(port: number): Promise<boolean> {
  const listen = async (host: string): Promise<string | undefined> =>
    await new Promise((resolve) => {
      const server = createServer();
      server.once('error', (error) => resolve('code' in error ? String(error.code) : 'EIO'));
      server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
    });
  const dual = await listen('::');
  if (dual !== undefined && dual !== 'EAFNOSUPPORT' && dual !== 'EADDRNOTAVAIL') return false;
  // [::] can be free although 127.0.0.1 is in use, if the kernel does not map addresses.
  return (await listen('0.0.0.0')) === undefined;
}

export async function tryConnection(url: string, timeoutMs: number): Promise<ConnectionOutcome> {
  return await tryToConnect(serverOf(url), timeoutMs);
}

export async function answersOnSocket(path: string): Promise<boolean> {
  return (await tryToConnect({ path }, 2000)) === 'accepted';
}

async function tryToConnect(
  target: TcpNetConnectOpts | IpcNetConnectOpts,
  timeoutMs: number,
): Promise<ConnectionOutcome> {
  return await new Promise((resolve) => {
    const socket = connect(target);
    const end = (result: ConnectionOutcome): void => {
      clearTimeout(timer);
      resolve(result);
      socket.destroy();
    };
    // On a busy machine this program can wait longer for a processor than the timeout, and then the answer may be there already.
    const timer = setTimeout(() => setImmediate(() => end('silent')), timeoutMs);
    socket.once('connect', () => end('accepted'));
    socket.once('error', (error) =>
      end('code' in error && error.code === 'ETIMEDOUT' ? 'silent' : 'refused'),
    );
  });
}
