/** The certificate of a TLS server. */
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

import { NetError } from '../../../errors.ts';
import type { ServedCertificateOptions } from '../../../host.ts';
import { serverOf } from '../../../lib/host-port.ts';
import { opened, openTcp } from './connection.ts';
import { netError } from './net-error.ts';

/**
 * Makes a handshake without a client certificate and sends nothing. With TLS 1.3, a server that demands a client certificate
 * presents its own one before.
 */
export async function servedCertificate(
  url: string,
  { signal, timeoutMs }: ServedCertificateOptions,
): Promise<Uint8Array> {
  const { host, port } = serverOf(url);
  const timeout = AbortSignal.timeout(timeoutMs);
  const end = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  try {
    const socket = await openTcp(host, port, end);
    try {
      const options = {
        socket,
        rejectUnauthorized: false,
        ...(isIP(host) === 0 ? { servername: host } : {}),
      };
      const secured: TLSSocket = await opened(connect(options), 'secureConnect', end);
      return secured.getPeerCertificate().raw;
    } finally {
      socket.destroy();
    }
  } catch (error) {
    if (!timeout.aborted) throw netError(url, error);
    throw new NetError(`${url}: no answer within ${timeoutMs / 1000} s`, 'ETIMEDOUT', { cause: error });
  }
}
