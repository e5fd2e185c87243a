/** A server on loopback for tests. It serves files over https with its own authority, correctly or with faults. */
import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

import { certificatePem } from '../src/pki/read-certificate.ts';
import { createSelfSigned } from '../src/pki/x509.ts';

export interface Asked {
  readonly url: string;
  readonly range: string | undefined;
}

export interface Served {
  readonly body: Buffer;
  /** The number of first answers that stop after half of the file: the server cuts the connection, or sends no more. */
  readonly faults?: { readonly kind: 'cut' | 'stall' | '503' | '404' | 'trickle'; readonly times: number };
  readonly ranges?: false;
  readonly redirect?: string;
}

export interface ReleaseServer {
  /** The address, such as `https://127.0.0.1:PORT`. */
  readonly url: string;
  /** The CA in PEM. */
  readonly authority: string;
  readonly files: Map<string, Served>;
  readonly asked: Asked[];
  close(): Promise<void>;
}

export async function startReleaseServer(protocol: 'http' | 'https' = 'https'): Promise<ReleaseServer> {
  const files = new Map<string, Served>();
  const asked: Asked[] = [];
  const faults = new Map<string, number>();
  const listener: RequestListener = (request, response) => {
    const url = request.url ?? '';
    asked.push({ url, range: request.headers.range });
    const file = files.get(url);
    if (file === undefined) return void response.writeHead(404).end();
    if (file.redirect !== undefined) return void response.writeHead(302, { location: file.redirect }).end();
    const fault = file.faults;
    const had = faults.get(url) ?? 0;
    faults.set(url, had + 1);
    answer(request, response, {
      file,
      kind: fault !== undefined && had < fault.times ? fault.kind : undefined,
    });
  };
  const { key, certificate } = await selfSigned();
  const server =
    protocol === 'https'
      ? https.createServer({ key, cert: certificate }, listener)
      : http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${protocol}://127.0.0.1:${port}`,
    authority: certificate,
    files,
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { file, kind }: { readonly file: Served; readonly kind: NonNullable<Served['faults']>['kind'] | undefined },
): void {
  if (kind === '503' || kind === '404') return void response.writeHead(Number(kind)).end('no');
  const from =
    file.ranges === false ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const { length } = file.body;
  if (from >= length && from > 0) {
    return void response.writeHead(416, { 'content-range': `bytes */${length}` }).end();
  }
  const rest = file.body.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    'content-length': rest.length,
    ...(from > 0 ? { 'content-range': `bytes ${from}-${length - 1}/${length}` } : {}),
  });
  if (kind === undefined) return void response.end(rest);
  if (kind === 'trickle') {
    let sent = 0;
    const timer = setInterval(() => response.write(rest.subarray(sent, ++sent)), 20);
    return void response.once('close', () => clearInterval(timer));
  }
  response.write(rest.subarray(0, Math.ceil(rest.length / 2)), () => {
    // The pause lets the half reach the client before the connection closes.
    if (kind === 'cut') setTimeout(() => response.destroy(), 50);
  });
}

async function selfSigned(): Promise<{ readonly key: string; readonly certificate: string }> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const template = {
    commonName: 'release server',
    organizations: [],
    dnsNames: ['localhost'],
    ips: ['127.0.0.1'],
    isCA: true,
    usages: ['server'],
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
  };
  const certificate = await createSelfSigned(template, privateKey, Buffer.from('0102030405060708', 'hex'));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { key, certificate: certificatePem(certificate) };
}
