/** HTTP and HTTPS requests of the real machine. */
import * as http from 'node:http';

import { NetError } from '../../../errors.ts';
import type { HttpOptions, HttpResponse } from '../../../host.ts';
import { serverOf } from '../../../lib/host-port.ts';
import { incomplete, textOf } from './answer-body.ts';
import { expectFinalAnswer } from './final-answer.ts';
import { netError, withoutPassword } from './net-error.ts';
import { agentFor, environmentProxy, routeTo } from './route.ts';

/**
 * A GET. It follows redirects only of servers outside the cluster (`useProxy`), and never from https to another scheme,
 * because the answer would then be proved by nobody.
 */
export async function httpGet(url: string, options: HttpOptions): Promise<HttpResponse> {
  let target = url;
  for (let hop = 0; hop < 5; hop++) {
    const { status, body, location } = await requestOnce(target, options);
    if (options.useProxy !== true || location === undefined || status < 300 || status >= 400)
      return { status, body };
    const next = new URL(location, target);
    if (target.startsWith('https:') && next.protocol !== 'https:') {
      const message = `${withoutPassword(url)}: it redirects to ${next.protocol}//${next.host}, which is not https`;
      throw new NetError(message, 'EINSECUREREDIRECT');
    }
    target = next.href;
  }
  throw new NetError(`${withoutPassword(url)}: too many redirects`, 'ERR_TOO_MANY_REDIRECTS');
}

/** Responses are versions, health checks and kubeconfigs, which are never larger. */
const maximumBytes = 1_048_576;

interface Answer extends HttpResponse {
  readonly location: string | undefined;
}

async function requestOnce(url: string, options: HttpOptions): Promise<Answer> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  let head: http.IncomingMessage | undefined;
  try {
    head = await send(new URL(url), options, signal);
    const date = Date.parse(head.headers.date ?? '');
    if (!Number.isNaN(date)) options.onDate?.(new Date(date));
    const body = await textOf(head, maximumBytes, signal);
    return { status: head.statusCode ?? 0, body, location: head.headers.location };
  } catch (error) {
    if (!timeout.aborted) throw netError(url, error);
    if (head !== undefined) throw incomplete(withoutPassword(url), options.timeoutMs, error);
    const message = `${withoutPassword(url)}: no answer within ${options.timeoutMs / 1000} s`;
    throw new NetError(message, 'ETIMEDOUT', { cause: error });
  }
}

async function send(url: URL, options: HttpOptions, signal: AbortSignal): Promise<http.IncomingMessage> {
  const target = {
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    ...serverOf(url),
  } as const;
  const { cert, key } = options.clientCertificate ?? {};
  const route = routeTo(target, {
    proxy: options.useProxy === true ? environmentProxy(target) : undefined,
    tls: {
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
  });
  return await new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: target.host,
        port: target.port,
        path: `${route.pathPrefix}${url.pathname}${url.search}`,
        signal,
        agent: agentFor(route, signal, { keepAlive: false }),
        headers: { ...basicAuthorization(url), ...options.headers, ...route.headers },
      },
      resolve,
    );
    expectFinalAnswer(request, reject);
    request.once('error', reject);
    request.end();
  });
}

/** As in Go, the user and password of a URL are sent to its server. */
function basicAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { Authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}
