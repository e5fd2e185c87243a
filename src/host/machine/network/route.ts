/**
 * How requests travel to a server: directly or through a proxy, with TLS or without. http.ts and kube-transport.ts use
 * it.
 */
import * as http from 'node:http';
import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

import { joinHostPort, serverOf } from '../../../lib/host-port.ts';
import { parseIP } from '../../../lib/ip.ts';
import { type ProxyTarget, proxyUrl } from '../../../lib/proxy.ts';
import { openTcp, secured, type TlsOptions } from './connection.ts';

/** As Go's net/http: 30 s for a connection with its handshakes. */
const connectTimeoutMs = 30_000;

export interface RouteOptions {
  /** URL of the proxy with its credentials; undefined if requests go directly. */
  readonly proxy: string | undefined;
  readonly tls: TlsOptions;
}

export interface Route {
  /** Opens a connection for requests. @throws Error with `code`, the signal's reason */
  readonly connect: (signal: AbortSignal) => Promise<Socket>;
  /** Prefix of a request's path: the whole origin for a proxy that relays plain HTTP, otherwise empty. */
  readonly pathPrefix: string;
  /** `Host`, and the credentials for a proxy that relays plain HTTP. */
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws Error if the proxy's URL is not usable */
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
 * The proxy that the environment configures. An address of this machine is reached directly, even if NO_PROXY does not
 * contain it.
 */
export function environmentProxy(target: ProxyTarget): string | undefined {
  const ip = parseIP(target.host);
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  if (ip !== undefined && own.some(({ address }) => parseIP(address)?.text === ip.text)) return undefined;
  return proxyUrl(target, process.env);
}

/** An agent that connects along the route. Aborting the signal ends connection attempts. */
export function agentFor(route: Route, signal: AbortSignal, options: http.AgentOptions): http.Agent {
  const agent = new http.Agent(options);
  agent.createConnection = (_options, done) => {
    route.connect(signal).then(
      (socket) => done?.(null, socket),
      // Node ignores the socket argument if there is an error.
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
  const { host, port } = serverOf(proxy);
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
    // On some runtimes, an answer with a body arrives as `response`.
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

function withPrefix(prefix: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? { code: error.code } : {};
  return Object.assign(new Error(`${prefix}: ${message}`, { cause: error }), code);
}
