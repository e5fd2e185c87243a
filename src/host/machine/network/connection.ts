/** Connections over TCP and TLS. */
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from 'node:tls';

import { isLoopback, parseIP } from '../../../lib/ip.ts';
import { connectErrno } from './connect-errno.ts';
import { trustedRoots } from './trusted-roots.ts';

/** How the server is verified, and the client certificate. */
export interface TlsOptions {
  /** PEM; defaults to the system's trusted roots. `false` does not verify the certificate. */
  readonly ca?: string | false;
  /** PEM. */
  readonly cert?: string;
  /** PEM: a secret. */
  readonly key?: string;
  /** Name or address that the certificate must be for; defaults to the host. */
  readonly serverName?: string;
}

/** @throws Error with the system's `code`, the signal's reason */
export async function openTcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host, port });
  try {
    await opened(socket, 'connect', signal);
  } catch (error) {
    throw await withTrueErrno(error, host, port);
  }
  socket.setNoDelay(true);
  return socket;
}

/** Bun also reports ECONNREFUSED for networks and hosts that are not reachable. */
async function withTrueErrno(error: unknown, host: string, port: number): Promise<unknown> {
  if (process.versions.bun === undefined || !(error instanceof Error)) return error;
  if (!('code' in error) || error.code !== 'ECONNREFUSED') return error;
  const address = isIP(host) === 0 ? (await lookup(host).catch(() => undefined))?.address : host;
  const ip = parseIP(address ?? '');
  if (ip === undefined || isLoopback(ip)) return error;
  const code = (await connectErrno(ip.text, port).catch(() => undefined)) ?? 'ECONNREFUSED';
  return Object.assign(new Error(`connect ${code} ${host}:${port}`), { code });
}

/**
 * Opens TLS over a connection. If that fails, the connection is closed.
 *
 * @param name name or address that the certificate must be for
 */
export async function secured(
  socket: Socket,
  name: string,
  { tls, signal }: { readonly tls: TlsOptions; readonly signal: AbortSignal },
): Promise<Socket> {
  const options: ConnectionOptions = {
    socket,
    host: name,
    // A server name in the handshake is never an address (RFC 6066).
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    // An intermediate CA in the roots is trusted by itself, as in Go.
    allowPartialTrustChain: true,
    // Always given: its default follows NODE_TLS_REJECT_UNAUTHORIZED.
    rejectUnauthorized: tls.ca !== false,
    ...(tls.ca === false ? {} : { ca: tls.ca ?? trustedRoots(process.env) }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
  try {
    return await opened(connectTls(options), 'secureConnect', signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Returns the socket once it is open. It is destroyed if opening fails or the signal is aborted before. */
export async function opened<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  return await new Promise((resolve, reject) => {
    const done = (act: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
      socket.removeListener('close', onClose);
      act();
    };
    const fail = (error: unknown): void =>
      done(() => {
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error);
      });
    const onAbort = (): void => fail(signal.reason);
    const onError = (error: unknown): void => fail(error);
    const onClose = (): void =>
      fail(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
    socket.once(event, () => done(() => resolve(socket)));
    socket.once('error', onError);
    socket.once('close', onClose);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}
