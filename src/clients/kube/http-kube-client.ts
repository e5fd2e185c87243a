/** KubeClient over any transport: paths, bodies, Status errors, watches. */
import { KubeApiError, NetError } from '../../errors.ts';
import { isRecord } from '../../lib/is-record.ts';
import type { KubeClient, KubeObject, ListOptions, PatchType, WatchEvent } from './kube-client.ts';
import { collectionPath, listQuery, objectPath } from './resources.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** Sends requests to one server; no answer is a `NetError`. */
export interface HttpTransport {
  readonly server: string;
  /** Bounded in time; any status is a result. */
  readonly send: (request: HttpRequest) => Promise<{ readonly status: number; readonly body: string }>;
  /** The body in pieces as they come; not bounded in time. */
  readonly stream: (
    request: HttpRequest,
  ) => Promise<{ readonly status: number; readonly chunks: AsyncIterable<string> }>;
  readonly close: () => void;
}

const patchTypes: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

export function createKubeClient(transport: HttpTransport): KubeClient {
  const call = async (request: HttpRequest): Promise<unknown> => {
    const { status, body } = await transport.send(request);
    if (status >= 200 && status < 300) return parse(body, request);
    throw apiError(status, body, request);
  };
  const object = async (request: HttpRequest): Promise<KubeObject> => asObject(await call(request), request);
  const json = 'application/json';
  return {
    server: transport.server,
    get: async (ref) => await object({ method: 'GET', path: objectPath(ref) }),
    list: async (apiVersion, kind, options = {}) => {
      const path = collectionPath(apiVersion, kind, options.namespace) + listQuery(options);
      const request: HttpRequest = { method: 'GET', path };
      const result = await call(request);
      const items = isRecord(result) && Array.isArray(result.items) ? result.items : [];
      // Items of a list carry no type of their own.
      return items.map((item: unknown) =>
        asObject(isRecord(item) ? { apiVersion, kind, ...item } : item, request),
      );
    },
    create: async (item) =>
      await object({
        method: 'POST',
        path: collectionPath(item.apiVersion, item.kind, item.metadata.namespace ?? 'default'),
        body: JSON.stringify(item),
        contentType: json,
      }),
    update: async (item) =>
      await object({
        method: 'PUT',
        path: objectPath(refOf(item)),
        body: JSON.stringify(item),
        contentType: json,
      }),
    patch: async (ref, type, patch) =>
      await object({
        method: 'PATCH',
        path: objectPath(ref),
        body: JSON.stringify(patch),
        contentType: patchTypes[type],
      }),
    delete: async (ref) => {
      await call({ method: 'DELETE', path: objectPath(ref) });
    },
    watch: (apiVersion, kind, options) => watch(transport, apiVersion, kind, options),
    raw: async (path) => await transport.send({ method: 'GET', path }),
    close: transport.close,
  };
}

function refOf(item: KubeObject) {
  const { name, namespace } = item.metadata;
  return {
    apiVersion: item.apiVersion,
    kind: item.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

async function* watch(
  transport: HttpTransport,
  apiVersion: string,
  kind: string,
  options: ListOptions & { readonly signal: AbortSignal },
): AsyncIterable<WatchEvent> {
  const path = collectionPath(apiVersion, kind, options.namespace) + listQuery(options, { watch: 'true' });
  const request: HttpRequest = { method: 'GET', path, signal: options.signal };
  const opened = await transport.stream(request).catch((error: unknown) => {
    if (options.signal.aborted) return undefined;
    throw error;
  });
  if (opened === undefined) return;
  const { status, chunks } = opened;
  let rest = '';
  for await (const chunk of chunks) {
    rest += chunk;
    if (status !== 200) continue;
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield parse(line, request) as WatchEvent;
  }
  if (status !== 200) throw apiError(status, rest, request);
}

function parse(body: string, { method, path }: HttpRequest): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new NetError(`${method} ${path}: the answer is not JSON: ${body.slice(0, 80)}`, 'EPROTO', {
      cause: error,
    });
  }
}

function asObject(value: unknown, { method, path }: HttpRequest): KubeObject {
  if (isRecord(value) && typeof value.kind === 'string' && typeof value.apiVersion === 'string')
    return value as KubeObject;
  throw new NetError(`${method} ${path}: the answer is no Kubernetes object`, 'EPROTO');
}

/** The server's Status object, or the plain text of a server that sends none. */
function apiError(status: number, body: string, { method, path }: HttpRequest): KubeApiError {
  let found: unknown;
  try {
    found = JSON.parse(body);
  } catch {
    found = undefined;
  }
  const reason = isRecord(found) && typeof found.reason === 'string' ? found.reason : '';
  const message =
    isRecord(found) && typeof found.message === 'string' ? found.message : body.trim().slice(0, 200);
  return new KubeApiError(status, reason, `${method} ${path.split('?')[0]}: ${message} (status ${status})`);
}
