/** HTTP to an API server with the credentials of a kubeconfig. */
import type { Agent, IncomingMessage } from 'node:http';

import {
  createKubeClient,
  type HttpAnswer,
  type HttpRequest,
  type HttpTransport,
} from '../../../clients/kube/http-kube-client.ts';
import type { KubeConnect, KubeConnectOptions } from '../../../clients/kube/kube-client.ts';
import { NetError } from '../../../errors.ts';
import type { KubeconfigCluster, KubeconfigUser } from '../../../kubeconfig/kubeconfig.ts';
import { parseServerAddress, type ServerAddress } from '../../../kubeconfig/server-address.ts';
import { usableContext } from '../../../kubeconfig/usable.ts';
import { apiRequestTimeoutMs } from '../../../names.ts';
import { kubeadmVersion } from '../../../versions.ts';
import { incomplete, piecesOf, textOf } from './answer-body.ts';
import { expectFinalAnswer } from './final-answer.ts';
import { tlsOf, tokenOf } from './kube-credentials.ts';
import { authentication, impersonation } from './kube-headers.ts';
import { netError } from './net-error.ts';
import { type RetryLimit, withRetries } from './request-retry.ts';
import type { Route } from './route.ts';

const defaultAnswerBytes = 100 * 1024 * 1024;

/** @throws KubeadmError `kubeconfig-invalid`; FileError for a file that the kubeconfig names */
export const connectKube: KubeConnect = (kubeconfig, options = {}) => {
  const { cluster, user } = usableContext(kubeconfig);
  const server = parseServerAddress(options.server ?? cluster.server);
  return createKubeClient(createTransport({ server, cluster, user }, options));
};

interface Context {
  readonly server: ServerAddress;
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
}

function createTransport(context: Context, options: KubeConnectOptions): HttpTransport {
  const { timeoutMs = apiRequestTimeoutMs, maxAnswerBytes = defaultAnswerBytes } = options;
  const { shown } = context.server;
  const closed = new AbortController();
  const open = opener(context, { closed: closed.signal, onDate: options.onDate });
  const failure = (path: string, error: unknown, late: AbortSignal): Error => {
    if (error instanceof NetError) return error;
    if (late.aborted) {
      const message = `${shown}${path}: no answer within ${timeoutMs / 1000} s`;
      return new NetError(message, 'ETIMEDOUT', { cause: error });
    }
    if (closed.signal.aborted) {
      return new NetError(`${shown}${path}: the client was closed`, 'ECANCELED', { cause: error });
    }
    return netError(shown + path, error);
  };
  return {
    server: shown,
    send: async (request) => {
      request.signal?.throwIfAborted();
      const late = AbortSignal.timeout(timeoutMs);
      const signal = anyOf(late, closed.signal, request.signal);
      const limit: RetryLimit = { end: performance.now() + timeoutMs, signal };
      const attempt = async (): Promise<HttpAnswer> => {
        const response = await open(request, signal);
        const body = await textOf(response, maxAnswerBytes, signal).catch((error: unknown) => {
          throw late.aborted ? incomplete(shown + request.path, timeoutMs, error) : error;
        });
        return { status: response.statusCode ?? 0, body, ...retryAfterOf(response) };
      };
      try {
        const isOnce = request.once === true || options.retries === false;
        return await (isOnce ? attempt() : withRetries(request.method, attempt, limit));
      } catch (error) {
        request.signal?.throwIfAborted();
        throw failure(request.path, error, late);
      }
    },
    stream: async (request) => {
      request.signal?.throwIfAborted();
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), timeoutMs);
      try {
        const response = await open(request, anyOf(late.signal, closed.signal, request.signal));
        const url = shown + request.path;
        return { status: response.statusCode ?? 0, chunks: piecesOf(response, { ...request, url }) };
      } catch (error) {
        request.signal?.throwIfAborted();
        throw failure(request.path, error, late.signal);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => closed.abort(),
  };
}

type Open = (request: HttpRequest, signal: AbortSignal) => Promise<IncomingMessage>;

interface OpenerOptions {
  readonly closed: AbortSignal;
  readonly onDate: KubeConnectOptions['onDate'] | undefined;
}

/** Opens requests over connections that are reused. */
function opener({ server, cluster, user }: Context, { closed, onDate }: OpenerOptions): Open {
  const tls = tlsOf(server, cluster, user);
  // Load TLS with the first call, because that reads all root certificates.
  let loaded:
    | Promise<{
        readonly request: typeof import('node:http').request;
        readonly agent: Agent;
        readonly route: Route;
      }>
    | undefined;
  const load = async () => {
    const [{ request }, { agentFor, environmentProxy, routeTo }] = await Promise.all([
      import('node:http'),
      import('./route.ts'),
    ]);
    const route = routeTo(server, { proxy: cluster.proxyUrl ?? environmentProxy(server), tls });
    const agent = agentFor(route, closed, { keepAlive: true, maxSockets: 8 });
    closed.addEventListener('abort', () => agent.destroy());
    return { request, agent, route };
  };
  return async ({ method, path, body, contentType }, signal) => {
    loaded ??= load();
    const { agent, request, route } = await loaded;
    signal.throwIfAborted();
    const fields = {
      Accept: 'application/json',
      'User-Agent': `kubeadm/${kubeadmVersion} (${process.platform}/${process.arch})`,
      ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
      ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
      ...authentication(server, user, () => tokenOf(user)),
      ...impersonation(user),
      ...route.headers,
    };
    return await new Promise((resolve, reject) => {
      // An aborted request in Node fails only after its pending connection is open or has failed.
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const outgoing = request(
        {
          host: server.host,
          port: server.port,
          path: `${route.pathPrefix}${server.pathPrefix}${path}`,
          method,
          agent,
          signal,
          headers: fields,
        },
        (response) => {
          signal.removeEventListener('abort', onAbort);
          const date = Date.parse(response.headers.date ?? '');
          if (!Number.isNaN(date)) onDate?.(new Date(date));
          resolve(response);
        },
      );
      expectFinalAnswer(outgoing, reject);
      outgoing.once('error', (error) => reject(Object.assign(error, { reused: outgoing.reusedSocket })));
      outgoing.end(body);
    });
  };
}

/** Reads whole seconds; ignores a date, as client-go does. */
function retryAfterOf({ headers }: IncomingMessage): { readonly retryAfterMs?: number } {
  const text = headers['retry-after'] ?? '';
  return /^\d{1,9}$/.test(text) ? { retryAfterMs: Number(text) * 1000 } : {};
}

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
