/** KubeClient over any transport: paths, bodies, lists in pages. */
import { KubeApiError } from '../../errors.ts';
import { patchContentTypes } from '../../kubernetes-types/patch-content-types.ts';
import { at, isRecord } from '../../lib/is-record.ts';
import { toJson } from '../../lib/json.ts';
import { apiError, parseAnswer, unexpected } from './answers.ts';
import type { CallOptions, KubeClient, KubeList, KubeObject, ListOptions } from './kube-client.ts';
import { collectionPath, listQuery, objectPath, refOf } from './resources.ts';
import { watchCollection } from './watch.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  /** Returns an answer with Retry-After at once instead of retrying; default false. */
  readonly once?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** From the header Retry-After. */
  readonly retryAfterMs?: number;
}

/** Sends requests to one server. Without an answer it throws `NetError`; if the signal is aborted, its reason. */
export interface HttpTransport {
  readonly server: string;
  /** Limited in time and size; returns any status. Retries as described at `KubeClient`. */
  readonly send: (request: HttpRequest) => Promise<HttpAnswer>;
  /** Yields the body in pieces. The head has a time limit. In the body, only `silenceMs` limits the gap between pieces. */
  readonly stream: (
    request: HttpRequest & { readonly silenceMs?: number | undefined },
  ) => Promise<{ readonly status: number; readonly chunks: AsyncIterable<string> }>;
  readonly close: () => void;
}

export function createKubeClient(transport: HttpTransport): KubeClient {
  const call = async (request: HttpRequest): Promise<unknown> => {
    const answer = await transport.send(request);
    if (answer.status >= 200 && answer.status < 300) return parseAnswer(answer.body, request);
    throw apiError(answer, request);
  };
  const object = async (request: HttpRequest): Promise<KubeObject> => asObject(await call(request), request);
  const write = async (
    method: 'POST' | 'PUT',
    path: string,
    { item, signal }: { readonly item: KubeObject; readonly signal: AbortSignal | undefined },
  ) => await object({ method, path, body: toJson(item), contentType: 'application/json', signal });
  return {
    server: transport.server,
    get: async (ref, options = {}) =>
      await object({ method: 'GET', path: objectPath(ref), ...signalOf(options) }),
    list: async (apiVersion, kind, options = {}) => {
      const listed = await list(call, { apiVersion, kind }, options);
      return options.limit === undefined
        ? listed
        : { ...listed, items: listed.items.slice(0, options.limit) };
    },
    create: async (item, options = {}) => {
      const { apiVersion, kind, metadata } = item;
      const path = collectionPath(apiVersion, kind, metadata.namespace ?? 'default');
      return await write('POST', path, { item, signal: options.signal });
    },
    update: async (item, options = {}) =>
      await write('PUT', objectPath(refOf(item)), { item, signal: options.signal }),
    patch: async (ref, type, patch, options = {}) =>
      await object({
        method: 'PATCH',
        path: objectPath(ref),
        body: toJson(patch),
        contentType: patchContentTypes[type],
        ...signalOf(options),
      }),
    delete: async (ref, options = {}) => {
      await call({ method: 'DELETE', path: objectPath(ref), ...signalOf(options) });
    },
    watch: (apiVersion, kind, options) => watchCollection(transport, { apiVersion, kind }, options),
    raw: async (path, options = {}) => {
      const { status, body } = await transport.send({
        method: 'GET',
        path,
        once: true,
        ...signalOf(options),
      });
      return { status, body };
    },
    close: transport.close,
  };
}

function signalOf({ signal }: CallOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Reads all pages. If the server has forgotten the state of the first page, it reads the list again in one request. */
async function list(
  call: (request: HttpRequest) => Promise<unknown>,
  { apiVersion, kind }: Kind,
  { pageSize, limit, ...options }: ListOptions,
): Promise<KubeList> {
  const perPage = pageSize ?? limit;
  const path = collectionPath(apiVersion, kind, options.namespace);
  const items: KubeObject[] = [];
  for (let next: string | undefined; ; ) {
    const query = listQuery(
      { ...options, ...(perPage === undefined ? {} : { limit: perPage }) },
      next === undefined ? {} : { continue: next },
    );
    const request: HttpRequest = { method: 'GET', path: path + query, ...signalOf(options) };
    let page: unknown;
    try {
      page = await call(request);
    } catch (error) {
      if (next === undefined || !(error instanceof KubeApiError && error.status === 410)) throw error;
      return await list(call, { apiVersion, kind }, options);
    }
    const found = at(page, 'items');
    // The items of a list have no apiVersion and kind of their own.
    for (const item of Array.isArray(found) ? found : []) {
      items.push(asObject(isRecord(item) ? { apiVersion, kind, ...item } : item, request));
    }
    next = text(at(page, 'metadata', 'continue'));
    if (next === undefined || (limit !== undefined && items.length >= limit)) {
      return { items, resourceVersion: text(at(page, 'metadata', 'resourceVersion')) ?? '' };
    }
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function asObject(value: unknown, request: HttpRequest): KubeObject {
  if (isRecord(value) && typeof value.kind === 'string' && typeof value.apiVersion === 'string')
    return value as KubeObject;
  throw unexpected(request, 'the answer is not a Kubernetes object');
}
