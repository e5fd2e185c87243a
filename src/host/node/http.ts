/** HTTP and HTTPS requests of the real machine. */
import * as http from 'node:http';
import * as https from 'node:https';
import { connect as connectTls, rootCertificates } from 'node:tls';

import { NetError } from '../../errors.ts';
import { proxyUrl } from '../../lib/proxy.ts';
import type { HttpOptions, HttpResponse } from '../ports.ts';

/** A GET; no redirects are followed but those of servers outside the cluster (`useProxy`). */
export async function httpGet(url: string, options: HttpOptions): Promise<HttpResponse> {
  let target = url;
  for (let hop = 0; hop < 5; hop++) {
    const { status, body, location } = await requestOnce(target, options);
    if (options.useProxy !== true || location === undefined || status < 300 || status >= 400)
      return { status, body };
    target = new URL(location, target).href;
  }
  throw new NetError(`${url}: too many redirects`, 'ERR_TOO_MANY_REDIRECTS');
}

interface Answer extends HttpResponse {
  readonly location: string | undefined;
}

async function requestOnce(url: string, options: HttpOptions): Promise<Answer> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  try {
    return await send(new URL(url), options, signal);
  } catch (error) {
    if (timeout.aborted)
      throw new NetError(`${url}: no answer within ${options.timeoutMs / 1000} s`, 'ETIMEDOUT', {
        cause: error,
      });
    throw netError(url, error);
  }
}

async function send(url: URL, options: HttpOptions, signal: AbortSignal): Promise<Answer> {
  const target = {
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port),
  } as const;
  const proxy = options.useProxy === true ? proxyUrl(target, process.env) : undefined;
  const tls = {
    // A CA that another one signed is trusted by itself, as Go does.
    allowPartialTrustChain: true,
    ...(options.ca === false ? { rejectUnauthorized: false } : {}),
    ...(typeof options.ca === 'string' ? { ca: options.ca } : {}),
    ...(options.clientCertificate ?? {}),
  };
  const socket =
    proxy !== undefined && url.protocol === 'https:' ? await tunnel(new URL(proxy), url, signal) : undefined;
  return await new Promise((resolve, reject) => {
    const module = url.protocol === 'https:' ? https : http;
    const request = module.request(
      proxy !== undefined && socket === undefined ? new URL(proxy) : url,
      {
        signal,
        // An agent, even `false`, would make the connection itself.
        ...(socket === undefined ? { agent: false } : {}),
        headers: { ...options.headers, Host: url.host },
        ...tls,
        ...(proxy !== undefined && socket === undefined ? { path: url.href } : {}),
        ...(socket === undefined
          ? {}
          : {
              createConnection: () =>
                connectTls({ socket, servername: url.hostname, ca: [...rootCertificates], ...tls }),
            }),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts).toString(),
            location: response.headers.location,
          }),
        );
      },
    );
    request.once('error', reject);
    request.end();
  });
}

/** A connection through an HTTP proxy (CONNECT). */
async function tunnel(proxy: URL, target: URL, signal: AbortSignal): Promise<import('node:net').Socket> {
  return await new Promise((resolve, reject) => {
    const credentials =
      proxy.username === ''
        ? {}
        : {
            'Proxy-Authorization': `Basic ${Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`).toString('base64')}`,
          };
    const request = http.request({
      host: proxy.hostname,
      port: proxy.port === '' ? 80 : Number(proxy.port),
      method: 'CONNECT',
      path: `${target.hostname}:${target.port === '' ? 443 : target.port}`,
      headers: credentials,
      signal,
    });
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) resolve(socket);
      else reject(new Error(`the proxy ${proxy.host} answered CONNECT with status ${response.statusCode}`));
    });
    request.once('error', reject);
    request.end();
  });
}

/** What went wrong, in words, with the code of Node as `reason`. */
export function netError(url: string, error: unknown): NetError {
  if (error instanceof NetError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ERR';
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused: nothing listens there',
    ECONNRESET: 'the connection was reset',
    EHOSTUNREACH: 'no route to host',
    ENETUNREACH: 'the network is unreachable',
    ENOTFOUND: 'the name cannot be resolved',
    ETIMEDOUT: 'no answer in time',
    CERT_HAS_EXPIRED: "the server's certificate has expired",
    ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is not valid for this address",
    DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed and not trusted",
    SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate comes from a CA that is not trusted",
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate comes from a CA that is not trusted",
  };
  const detail = error instanceof Error ? error.message : String(error);
  return new NetError(`${url}: ${words[code] ?? detail}`, code, { cause: error });
}
