/** HTTPS to an API server, by the credentials of a kubeconfig. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Agent, RequestOptions } from 'node:https';

import {
  createKubeClient,
  type HttpRequest,
  type HttpTransport,
} from '../../../clients/kube/http-kube-client.ts';
import type { KubeConnect } from '../../../clients/kube/kube-client.ts';
import { FileError, NetError } from '../../../errors.ts';
import { currentOf } from '../../../kubeconfig/current.ts';
import type { KubeconfigCluster, KubeconfigUser } from '../../../kubeconfig/kubeconfig.ts';
import { apiRequestTimeoutMs } from '../../../names.ts';
import { codeOf } from '../error-code.ts';
import { netError } from './net-error.ts';

export const connectKube: KubeConnect = (kubeconfig, options = {}) => {
  const { cluster, user } = currentOf(kubeconfig);
  const server = (options.server ?? cluster.server).replace(/\/+$/, '');
  return createKubeClient(createTransport(server, cluster, user, options.timeoutMs ?? apiRequestTimeoutMs));
};

function createTransport(
  server: string,
  cluster: KubeconfigCluster,
  user: KubeconfigUser,
  timeoutMs: number,
): HttpTransport {
  // Loaded with the first call: loading TLS reads all root certificates.
  let loaded:
    | Promise<{ readonly request: typeof import('node:https').request; readonly agent: Agent }>
    | undefined;
  const connection = async () => {
    loaded ??= import('node:https').then(({ Agent, request }) => ({
      request,
      agent: new Agent({ keepAlive: true, maxSockets: 8 }),
    }));
    return await loaded;
  };
  const ca = cluster.certificateAuthorityData ?? file(cluster.certificateAuthority);
  const cert = user.clientCertificateData ?? file(user.clientCertificate);
  const key = user.clientKeyData ?? file(user.clientKey);
  const base: RequestOptions = {
    ...(ca === undefined ? {} : { ca }),
    // A CA that another one signed is trusted by itself, as Go does.
    allowPartialTrustChain: true,
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(cluster.tlsServerName === undefined ? {} : { servername: cluster.tlsServerName }),
    ...(cluster.insecureSkipTlsVerify === true ? { rejectUnauthorized: false } : {}),
  };
  const open = async (request: HttpRequest, signal: AbortSignal | undefined): Promise<IncomingMessage> => {
    const token = user.token ?? file(user.tokenFile)?.trim();
    const { agent, request: call } = await connection();
    return await new Promise((resolve, reject) => {
      const outgoing = call(
        server + request.path,
        {
          ...base,
          agent,
          method: request.method,
          ...(signal === undefined ? {} : { signal }),
          headers: {
            Accept: 'application/json',
            'User-Agent': 'kubeadm',
            ...(request.contentType === undefined ? {} : { 'Content-Type': request.contentType }),
            ...(request.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(request.body) }),
            ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          },
        },
        resolve,
      );
      outgoing.once('error', reject);
      outgoing.end(request.body);
    });
  };
  const closed = new AbortController();
  return {
    server,
    send: async (request) => {
      const timeout = AbortSignal.timeout(timeoutMs);
      const own = request.signal === undefined ? [] : [request.signal];
      const signal = AbortSignal.any([timeout, closed.signal, ...own]);
      try {
        const response = await open(request, signal);
        return { status: response.statusCode ?? 0, body: await text(response) };
      } catch (error) {
        if (!timeout.aborted) throw netError(server + request.path, error);
        throw new NetError(`${server}${request.path}: no answer within ${timeoutMs / 1000} s`, 'ETIMEDOUT', {
          cause: error,
        });
      }
    },
    stream: async (request) => {
      try {
        const response = await open(request, request.signal);
        return { status: response.statusCode ?? 0, chunks: chunksOf(response, request.signal) };
      } catch (error) {
        throw netError(server + request.path, error);
      }
    },
    close: () => {
      closed.abort();
      void loaded?.then(({ agent }) => agent.destroy());
    },
  };
}

/** @throws FileError */
function file(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path, 'utf8');
  } catch (error) {
    throw new FileError('read', String(path), codeOf(error) ?? 'EIO', { cause: error });
  }
}

async function text(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString();
}

async function* chunksOf(response: IncomingMessage, signal: AbortSignal | undefined): AsyncIterable<string> {
  const decoder = new TextDecoder();
  try {
    for await (const part of response) yield decoder.decode(part as Uint8Array, { stream: true });
  } catch (error) {
    if (signal?.aborted !== true) throw netError('watch', error);
  }
}
