/** Servers that answer every request in a way that a test chooses, and record all that they receive. */
import type { Server, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import { listen, type Pair } from '../../../src/host/machine/network/tls.fixture.ts';

/** Writes to a connection on which the head of a request has arrived. */
export type Answer = (socket: Socket, head: string) => void;

export interface RecordingServer {
  readonly port: number;
  /** All bytes that arrived, after TLS, and the client certificates. */
  readonly received: () => string;
  readonly close: () => void;
}

/** @param pair undefined for a server without TLS */
export async function serve(pair: Pair | undefined, answer: Answer): Promise<RecordingServer> {
  let received = '';
  const sockets = new Set<Socket>();
  const arrive = (socket: Socket): void => {
    sockets.add(socket);
    let head = '';
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    socket.on('data', (part: Buffer) => {
      received += part.toString('latin1');
      head += part.toString('latin1');
      // A client of TLS sends no head to a server without TLS.
      if (pair !== undefined && !head.includes('\r\n\r\n')) return;
      const complete = head;
      head = '';
      answer(socket, complete);
    });
  };
  const server: Server =
    pair === undefined
      ? createTcpServer(arrive)
      : createTlsServer({ ...pair, requestCert: true, rejectUnauthorized: false }, (socket) => {
          const { subject } = socket.getPeerCertificate();
          if (subject !== undefined) received += `client certificate of ${subject.CN}`;
          arrive(socket);
        });
  server.on('tlsClientError', () => undefined);
  const port = await listen(server);
  return {
    port,
    received: () => received,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

type Headers = Readonly<Record<string, string | number>>;

/** A complete answer. */
export function whole(body: string | Buffer, status = '200 OK', headers: Headers = {}): Answer {
  const bytes = Buffer.from(body);
  const head = headOf(status, { 'Content-Length': bytes.length, ...headers });
  return (socket) => void socket.write(Buffer.concat([Buffer.from(head), bytes]));
}

/** An answer in pieces of one byte. */
export function inPieces(answer: Answer): Answer {
  return (socket, head) => {
    const collected: Buffer[] = [];
    answer({ write: (bytes: Buffer) => collected.push(bytes) } as unknown as Socket, head);
    const bytes = Buffer.concat(collected);
    const next = (at: number): void => {
      if (at >= bytes.length || socket.destroyed) return;
      socket.write(bytes.subarray(at, at + 1));
      setImmediate(next, at + 1);
    };
    next(0);
  };
}

/**
 * An answer without an end.
 *
 * @param pauseMs the time between two pieces; by default the server sends as fast as the client reads
 */
export function endless(piece: string | Buffer, { head = headOf('200 OK', {}), pauseMs = 0 } = {}): Answer {
  return (socket) => {
    socket.write(head);
    const more = (): void => {
      if (socket.destroyed) return;
      if (pauseMs > 0) {
        socket.write(piece);
        setTimeout(more, pauseMs);
      } else {
        while (!socket.destroyed && socket.write(piece));
        socket.once('drain', more);
      }
    };
    more();
  };
}

export function headOf(status: string, headers: Headers): string {
  const lines = Object.entries({ 'Content-Type': 'application/json', ...headers });
  return `HTTP/1.1 ${status}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}
