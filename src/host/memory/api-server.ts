/** The API server of a memory host: an object store that tests can make refuse, fail or disappear. */

import type { Change } from '../../clients/kube/change-log.ts';
import type {
  KubeClient,
  KubeConnect,
  ObjectRef,
  Selection,
  WatchEvent,
  WatchOptions,
} from '../../clients/kube/kube-client.ts';
import { createObjectStore, type ObjectStore } from '../../clients/kube/object-store.ts';
import { refOf } from '../../clients/kube/resources.ts';
import { selects } from '../../clients/kube/selectors.ts';
import { NetError } from '../../errors.ts';
import type { HttpResponse } from '../../host.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { parseServerAddress } from '../../kubeconfig/server-address.ts';
import { usableContext } from '../../kubeconfig/usable.ts';
import { joinHostPort } from '../../lib/host-port.ts';
import { kubeadmVersion } from '../../versions.ts';
import type { WriteGate } from './gate.ts';

export interface ApiRequest {
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'watch' | 'raw';
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  /** The object for create and update, the patch for patch, and the path for raw. */
  readonly body?: unknown;
  readonly server: string;
  readonly kubeconfig: Kubeconfig;
}

export interface MemoryApi extends ObjectStore {
  /** While false, every request ends with ECONNREFUSED. */
  reachable: boolean;
  /** Called before each request. An error that it returns is the answer. */
  intercept: ((request: ApiRequest) => Error | undefined | Promise<Error | undefined>) | undefined;
  /** Answers of `raw` by path. /livez, /readyz, /healthz and /version have one from the start. */
  readonly raw: Map<string, HttpResponse>;
  readonly requests: readonly ApiRequest[];
  /** The time that the answers show; defaults to that of the machine. */
  now: () => Date;
  /** Returns the user of a client; defaults to the name of the user in its kubeconfig. */
  userName: ((kubeconfig: Kubeconfig) => string) | undefined;
  readonly connect: KubeConnect;
}

export function createMemoryApi(gate: WriteGate, now: () => Date): MemoryApi {
  const store = createObjectStore({ now });
  const requests: ApiRequest[] = [];
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const ok = { status: 200, body: 'ok' };
  const [major, minor] = kubeadmVersion.slice(1).split('.');
  const version = { major, minor, gitVersion: kubeadmVersion };
  const api: MemoryApi = {
    ...store,
    reachable: true,
    intercept: undefined,
    userName: undefined,
    now,
    raw: new Map([
      ['/livez', ok],
      ['/readyz', ok],
      ['/healthz', ok],
      ['/version', { status: 200, body: JSON.stringify(version) }],
    ]),
    requests,
    connect: (kubeconfig, options = {}) => {
      const { cluster, user } = usableContext(kubeconfig);
      const server = options.server ?? cluster.server;
      const { host, port, shown } = parseServerAddress(server);
      return client({
        api,
        gate,
        arrive: async (request, signal) => {
          signal?.throwIfAborted();
          await new Promise<void>((resolve) => setImmediate(resolve));
          signal?.throwIfAborted();
          gate.check();
          const whole = { ...request, server, kubeconfig };
          requests.push(whole);
          if (!api.reachable) {
            const address = joinHostPort(host, port);
            throw new NetError(`${shown}: dial tcp ${address}: connect: connection refused`, 'ECONNREFUSED');
          }
          const error = await unlessAborted(async () => await api.intercept?.(whole), signal);
          if (!(error instanceof NetError)) options.onDate?.(api.now());
          if (error !== undefined) throw error;
        },
        server: shown,
        userName: api.userName?.(kubeconfig) ?? user.name,
      });
    },
  };
  return api;
}

type Arrive = (
  request: Omit<ApiRequest, 'server' | 'kubeconfig'>,
  signal: AbortSignal | undefined,
) => Promise<void>;

interface ClientParts {
  readonly api: MemoryApi;
  readonly gate: WriteGate;
  readonly arrive: Arrive;
  /** The address of the server, for errors. */
  readonly server: string;
  readonly userName: string;
}

function client({ api, arrive, gate, server, userName }: ClientParts): KubeClient {
  const write = <T>(verb: string, ref: ObjectRef, change: () => T): T =>
    gate.write(
      'api',
      `${verb} ${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`,
      change,
    );
  return {
    server,
    get: async (ref, { signal } = {}) => {
      await arrive({ verb: 'get', ...ref }, signal);
      return api.get(ref);
    },
    list: async (apiVersion, kind, options = {}) => {
      await arrive({ verb: 'list', ...collection(apiVersion, kind, options) }, options.signal);
      return { items: api.list(apiVersion, kind, options), resourceVersion: api.version() };
    },
    create: async (object, { signal } = {}) => {
      const ref = refOf(object);
      await arrive({ verb: 'create', ...ref, body: object }, signal);
      if (object.kind === 'SelfSubjectReview') {
        return { ...object, status: { userInfo: { username: userName, groups: ['system:authenticated'] } } };
      }
      return write('create', ref, () => api.create(object));
    },
    update: async (object, { signal } = {}) => {
      const ref = refOf(object);
      await arrive({ verb: 'update', ...ref, body: object }, signal);
      return write('update', ref, () => api.update(object));
    },
    patch: async (ref, type, patch, { signal } = {}) => {
      await arrive({ verb: 'patch', ...ref, body: patch }, signal);
      return write('patch', ref, () => api.patch(ref, type, patch));
    },
    delete: async (ref, { signal } = {}) => {
      await arrive({ verb: 'delete', ...ref }, signal);
      write('delete', ref, () => api.delete(ref));
    },
    watch: (apiVersion, kind, options) => watch({ api, arrive }, { apiVersion, kind }, options),
    raw: async (path, { signal } = {}) => {
      await arrive({ verb: 'raw', apiVersion: '', kind: '', name: '', body: path }, signal);
      return api.raw.get(path) ?? { status: 404, body: '404 page not found' };
    },
    close: () => undefined,
  };
}

function collection(apiVersion: string, kind: string, options: Selection) {
  const base = { apiVersion, kind, name: '' };
  return options.namespace === undefined ? base : { ...base, namespace: options.namespace };
}

async function unlessAborted<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Ignores `timeoutSeconds` and `silenceMs`. A bookmark follows the existing objects. */
async function* watch(
  { api, arrive }: { readonly api: MemoryApi; readonly arrive: Arrive },
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  options: WatchOptions,
): AsyncGenerator<WatchEvent> {
  const { signal, resourceVersion, allowWatchBookmarks } = options;
  try {
    await arrive({ verb: 'watch', ...collection(apiVersion, kind, options) }, signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  const eventOf = (change: Change): readonly WatchEvent[] => {
    if (change.object.apiVersion !== apiVersion || change.object.kind !== kind) return [];
    return selectedEvent(change, options);
  };
  const waiting: WatchEvent[] =
    resourceVersion === undefined
      ? api.list(apiVersion, kind, options).map((object) => ({ type: 'ADDED', object }))
      : api.changesSince(resourceVersion).flatMap(eventOf);
  if (allowWatchBookmarks === true) {
    const metadata = { name: '', resourceVersion: api.version() };
    waiting.push({ type: 'BOOKMARK', object: { apiVersion, kind, metadata } });
  }
  let wake: () => void = () => undefined;
  const stop = api.onChange((change) => {
    waiting.push(...eventOf(change));
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort);
  try {
    while (!signal.aborted) {
      const event = waiting.shift();
      if (event !== undefined) yield event;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted) resolve();
        });
      }
    }
  } finally {
    stop();
    signal.removeEventListener('abort', onAbort);
  }
}

/** The event that a watcher gets for a change. An object that leaves the selection is DELETED, as in the API server. */
function selectedEvent({ type, object, before }: Change, selection: Selection): readonly WatchEvent[] {
  const known = before !== undefined && selects(selection, before);
  const selected = type !== 'DELETED' && selects(selection, object);
  if (selected) return [{ type: known ? 'MODIFIED' : 'ADDED', object }];
  return known ? [{ type: 'DELETED', object }] : [];
}
