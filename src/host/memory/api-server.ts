/** The API server of a memory host: an object store that tests can make refuse, fail or be absent. */
import type {
  KubeClient,
  KubeConnect,
  KubeObject,
  ListOptions,
  ObjectRef,
  PatchType,
  WatchEvent,
} from '../../clients/kube/kube-client.ts';
import { createObjectStore, type ObjectStore } from '../../clients/kube/object-store.ts';
import { refOf } from '../../clients/kube/resources.ts';
import { selects } from '../../clients/kube/selectors.ts';
import { NetError } from '../../errors.ts';
import { currentOf } from '../../kubeconfig/current.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { kubeadmVersion } from '../../versions.ts';
import type { HttpResponse } from '../host.ts';
import type { WriteGate } from './gate.ts';

export interface ApiRequest {
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'watch' | 'raw';
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  /** Of create and update the object, of patch the patch, of raw the path. */
  readonly body?: unknown;
  readonly server: string;
  readonly kubeconfig: Kubeconfig;
}

export interface MemoryApi extends ObjectStore {
  /** While false, every request ends with ECONNREFUSED. */
  reachable: boolean;
  /** Asked before each request that arrives; an error that it returns is the answer. */
  intercept: ((request: ApiRequest) => Error | undefined | Promise<Error | undefined>) | undefined;
  /** Answers of `raw` by path; /livez, /readyz, /healthz and /version have one from the start. */
  readonly raw: Map<string, HttpResponse>;
  readonly requests: readonly ApiRequest[];
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
    raw: new Map([
      ['/livez', ok],
      ['/readyz', ok],
      ['/healthz', ok],
      ['/version', { status: 200, body: JSON.stringify(version) }],
    ]),
    requests,
    connect: (kubeconfig, options = {}) => {
      const { cluster } = currentOf(kubeconfig);
      const server = options.server ?? cluster.server;
      return client(
        api,
        gate,
        async (request) => {
          await new Promise<void>((resolve) => setImmediate(resolve));
          gate.check();
          const whole = { ...request, server, kubeconfig };
          requests.push(whole);
          if (!api.reachable) {
            const { host } = new URL(server);
            throw new NetError(`${server}: dial tcp ${host}: connect: connection refused`, 'ECONNREFUSED');
          }
          const error = await api.intercept?.(whole);
          if (error !== undefined) throw error;
          return server;
        },
        server,
      );
    },
  };
  return api;
}

type Arrive = (request: Omit<ApiRequest, 'server' | 'kubeconfig'>) => Promise<string>;

function client(api: MemoryApi, gate: WriteGate, arrive: Arrive, server: string): KubeClient {
  const write = <T>(verb: string, ref: ObjectRef, change: () => T): T =>
    gate.write(
      'api',
      `${verb} ${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`,
      change,
    );
  return {
    server,
    get: async (ref) => {
      await arrive({ verb: 'get', ...ref });
      return api.get(ref);
    },
    list: async (apiVersion, kind, options = {}) => {
      await arrive({ verb: 'list', ...collection(apiVersion, kind, options) });
      return api.list(apiVersion, kind, options);
    },
    create: async (object) => {
      const ref = refOf(object);
      await arrive({ verb: 'create', ...ref, body: object });
      return write('create', ref, () => api.create(object));
    },
    update: async (object) => {
      const ref = refOf(object);
      await arrive({ verb: 'update', ...ref, body: object });
      return write('update', ref, () => api.update(object));
    },
    patch: async (ref: ObjectRef, type: PatchType, patch: unknown) => {
      await arrive({ verb: 'patch', ...ref, body: patch });
      return write('patch', ref, () => api.patch(ref, type, patch));
    },
    delete: async (ref) => {
      await arrive({ verb: 'delete', ...ref });
      write('delete', ref, () => api.delete(ref));
    },
    watch: (apiVersion, kind, options) => watch(api, arrive, apiVersion, kind, options),
    raw: async (path) => {
      await arrive({ verb: 'raw', apiVersion: '', kind: '', name: '', body: path });
      return api.raw.get(path) ?? { status: 404, body: '404 page not found' };
    },
    close: () => undefined,
  };
}

function collection(apiVersion: string, kind: string, options: ListOptions) {
  const base = { apiVersion, kind, name: '' };
  return options.namespace === undefined ? base : { ...base, namespace: options.namespace };
}

async function* watch(
  api: MemoryApi,
  arrive: Arrive,
  apiVersion: string,
  kind: string,
  options: ListOptions & { readonly signal: AbortSignal },
): AsyncGenerator<WatchEvent> {
  const { signal, limit: _limit, ...selection } = options;
  await arrive({ verb: 'watch', ...collection(apiVersion, kind, selection) });
  const waiting: WatchEvent[] = api
    .list(apiVersion, kind, selection)
    .map((object: KubeObject) => ({ type: 'ADDED', object }));
  /** The watcher's objects: one that leaves the selection is gone for it, as the API server tells it. */
  const known = new Set(waiting.map(({ object }) => object.metadata.uid));
  let wake: () => void = () => undefined;
  const stop = api.onChange(({ type, object }) => {
    if (object.apiVersion !== apiVersion || object.kind !== kind) return;
    const { uid } = object.metadata;
    if (type !== 'DELETED' && selects(selection, object)) {
      waiting.push({ type: known.has(uid) ? 'MODIFIED' : 'ADDED', object });
      known.add(uid);
    } else if (known.delete(uid)) {
      waiting.push({ type: 'DELETED', object });
    } else return;
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
