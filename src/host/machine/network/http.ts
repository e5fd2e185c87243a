/** HTTP and HTTPS requests of the real machine. */
import * as http from 'node:http';
import * as https from 'node:https';
import { connect as connectTls, rootCertificates } from 'node:tls';

import { NetError } from '../../../errors.ts';
import { proxyUrl } from '../../../lib/proxy.ts';
import type { HttpOptions, HttpResponse } from '../../host.ts';
import { netError } from './net-error.ts';

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

/** What is asked for here are versions and health: a larger answer is none. */
const maximumBytes = 1_048_576;

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
  const relay = proxy !== undefined && socket === undefined ? new URL(proxy) : undefined;
  return await new Promise((resolve, reject) => {
    const module = url.protocol === 'https:' ? https : http;
    const request = (relay === undefined ? module : moduleOf(relay)).request(
      relay === undefined ? url : addressOf(relay),
      {
        signal,
        // An agent, even `false`, would make the connection itself.
        ...(socket === undefined ? { agent: false } : {}),
        headers: {
          ...options.headers,
          Host: url.host,
          ...(relay === undefined ? {} : credentialsFor(relay)),
        },
        ...(relay === undefined ? tls : { path: url.href }),
        ...(socket === undefined
          ? {}
          : {
              createConnection: () =>
                connectTls({ socket, servername: url.hostname, ca: [...rootCertificates], ...tls }),
            }),
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          size += part.length;
          if (size > maximumBytes) response.destroy(new Error('the answer is larger than 1 MiB'));
          else parts.push(part);
        });
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
    const request = moduleOf(proxy).request(addressOf(proxy), {
      agent: false,
      method: 'CONNECT',
      path: `${target.hostname}:${target.port === '' ? 443 : target.port}`,
      headers: credentialsFor(proxy),
      signal,
    });
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${proxy.host} answered CONNECT with status ${response.statusCode}`));
    });
    request.once('error', reject);
    request.end();
  });
}

function moduleOf(proxy: URL): typeof http | typeof https {
  if (proxy.protocol === 'http:') return http;
  if (proxy.protocol === 'https:') return https;
  throw new Error(`the proxy ${proxy.protocol}//${proxy.host}: only http and https are supported`);
}

/** Without user and password: as a part of the URL they would be sent on to the target, as its own. */
function addressOf({ protocol, host }: URL): URL {
  return new URL(`${protocol}//${host}`);
}

function credentialsFor({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}
