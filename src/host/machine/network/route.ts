/** How requests travel to a server: directly or through a proxy, over TLS or plain. http.ts and kube-transport.ts use it. */
import { lookup } from 'node:dns/promises';
import * as http from 'node:http';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from 'node:tls';

import { joinHostPort } from '../../../lib/host-port.ts';
import { isLoopback, parseIP } from '../../../lib/ip.ts';
import { type ProxyTarget, proxyUrl } from '../../../lib/proxy.ts';
import { connectErrno } from './connect-errno.ts';
import { trustedRoots } from './trusted-roots.ts';

/** As Go's net/http: 30 s for a connection, with the handshakes on the way. */
const connectTimeoutMs = 30_000;

/** What is checked of a server, and shown to it. */
export interface TlsOptions {
  /** PEM; defaults to the system's trusted roots. `false`: the certificate is not verified. */
  readonly ca?: string | false;
  /** PEM. */
  readonly cert?: string;
  /** PEM: a secret. */
  readonly key?: string;
  /** Name or address that the certificate must be for; defaults to the host. */
  readonly serverName?: string;
}

export interface RouteOptions {
  /** URL of the proxy, with its credentials; undefined: requests go directly. */
  readonly proxy: string | undefined;
  readonly tls: TlsOptions;
}

export interface Route {
  /** A connection that requests can be written to. @throws Error with `code`, the signal's reason */
  readonly connect: (signal: AbortSignal) => Promise<Socket>;
  /** Stands before the path of a request: the whole origin for a proxy that relays plain HTTP, otherwise empty. */
  readonly pathPrefix: string;
  /** `Host`, and the credentials for a proxy that relays plain HTTP. */
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws Error when the proxy's URL cannot be used */
export function routeTo(target: ProxyTarget, { proxy: text, tls }: RouteOptions): Route {
  const secure = target.scheme === 'https';
  const standardPort = secure ? 443 : 80;
  const name = target.host.replace(/%.*$/, '');
  const shown = name.includes(':') ? `[${name}]` : name;
  const headers = { Host: target.port === standardPort ? shown : joinHostPort(name, target.port) };
  const proxy = text === undefined ? undefined : parseProxy(text);
  if (proxy === undefined || secure) {
    return {
      connect: async (signal) => {
        const bounded = AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)]);
        const socket =
          proxy === undefined
            ? await openTcp(target.host, target.port, bounded)
            : await tunnel(proxy, joinHostPort(target.host, target.port), bounded);
        return secure ? await secured(socket, tls.serverName ?? name, { tls, signal: bounded }) : socket;
      },
      pathPrefix: '',
      headers,
    };
  }
  return {
    connect: async (signal) =>
      await openProxy(proxy, AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)])),
    pathPrefix: `http://${headers.Host}`,
    headers: { ...headers, ...credentialsFor(proxy) },
  };
}

/**
 * The proxy that the environment asks for. An address of this machine is reached directly, also when NO_PROXY does not
 * name it.
 */
export function environmentProxy(target: ProxyTarget): string | undefined {
  const ip = parseIP(target.host);
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  if (ip !== undefined && own.some(({ address }) => parseIP(address)?.text === ip.text)) return undefined;
  return proxyUrl(target, process.env);
}

/** An agent that makes its connections along the route. Aborting the signal ends the ones that are being made. */
export function agentFor(route: Route, signal: AbortSignal, options: http.AgentOptions): http.Agent {
  const agent = new http.Agent(options);
  agent.createConnection = (_options, done) => {
    route.connect(signal).then(
      (socket) => done?.(null, socket),
      // Node gives the socket no meaning when there is an error.
      (error: Error) => (done as (error: Error) => void)(error),
    );
    return undefined;
  };
  return agent;
}

function parseProxy(text: string): URL {
  if (!URL.canParse(text))
    throw new Error('the URL of the proxy cannot be read; it is written like http://10.0.0.1:3128');
  const url = new URL(text);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new Error(`the proxy ${url.protocol}//${url.host}: only http and https are supported`);
}

async function openProxy(proxy: URL, signal: AbortSignal): Promise<Socket> {
  const secure = proxy.protocol === 'https:';
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  const port = Number(proxy.port === '' ? (secure ? 443 : 80) : proxy.port);
  const socket = await openTcp(host, port, signal).catch((error: unknown) => {
    throw withPrefix(`the proxy ${proxy.host}`, error);
  });
  return secure ? await secured(socket, host, { tls: {}, signal }) : socket;
}

/** A connection through an HTTP proxy (CONNECT). */
async function tunnel(proxy: URL, target: string, signal: AbortSignal): Promise<Socket> {
  const connection = await openProxy(proxy, signal);
  return await new Promise((resolve, reject) => {
    const request = http.request({
      method: 'CONNECT',
      path: target,
      headers: { Host: target, ...credentialsFor(proxy) },
      signal,
      createConnection: () => connection,
    });
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} answered CONNECT with status ${response.statusCode}`));
    });
    // An answer with a body comes as a response on some runtimes.
    request.once('response', (response) => {
      connection.destroy();
      reject(new Error(`the proxy ${proxy.host} answered CONNECT with status ${response.statusCode}`));
    });
    request.once('error', reject);
    request.end();
  });
}

function credentialsFor({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}

async function openTcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host, port });
  try {
    await opened(socket, 'connect', signal);
  } catch (error) {
    throw await withTrueErrno(error, host, port);
  }
  socket.setNoDelay(true);
  return socket;
}

/** Bun gives ECONNREFUSED for networks and hosts that cannot be reached, too. */
async function withTrueErrno(error: unknown, host: string, port: number): Promise<unknown> {
  if (process.versions.bun === undefined || !(error instanceof Error)) return error;
  if (!('code' in error) || error.code !== 'ECONNREFUSED') return error;
  const address = isIP(host) === 0 ? (await lookup(host).catch(() => undefined))?.address : host;
  const ip = parseIP(address ?? '');
  if (ip === undefined || isLoopback(ip)) return error;
  const code = (await connectErrno(ip.text, port).catch(() => undefined)) ?? 'ECONNREFUSED';
  return Object.assign(new Error(`connect ${code} ${host}:${port}`), { code });
}

async function secured(
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
    // A CA that another one signed is trusted by itself, as Go does.
    allowPartialTrustChain: true,
    ...(tls.ca === false ? { rejectUnauthorized: false } : { ca: tls.ca ?? trustedRoots(process.env) }),
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

/** The socket once it is open; it is destroyed when it fails, or the signal is aborted before. */
async function opened<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
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

function withPrefix(prefix: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? { code: error.code } : {};
  return Object.assign(new Error(`${prefix}: ${message}`, { cause: error }), code);
}
