/** An API client that reads through to the real cluster and says what it would write. */
import type {
  CallOptions,
  KubeClient,
  KubeConnect,
  KubeObject,
  ObjectRef,
} from '../../clients/kube/kube-client.ts';
import { createObjectStore, type ObjectStore } from '../../clients/kube/object-store.ts';
import { groupVersion, refOf, resourceOf } from '../../clients/kube/resources.ts';
import { KubeApiError, messageOf, NetError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { isKnownKind } from '../../kubernetes-types/schema.ts';
import { typedForm } from '../../kubernetes-types/typed.ts';
import { toYaml } from '../../lib/yaml/write.ts';
import { ownRelease } from '../../releases/index.ts';
import { healthyAnswer, madeUpNode } from './made-up.ts';

/** A cluster that is there answers at once; one that is not must not hold up a dry run. */
const readTimeoutMs = 2000;

type Verb = 'GET' | 'LIST' | 'CREATE' | 'UPDATE' | 'PATCH' | 'DELETE';

/** What would have been written is kept for all clients of the run. */
export function dryRunKube(connect: KubeConnect, emit: Emit): KubeConnect {
  const store = createObjectStore();
  return (kubeconfig, options) => {
    const real = connect(kubeconfig, { ...options, timeoutMs: readTimeoutMs });
    return createClient(real, store, emit);
  };
}

function createClient(real: KubeClient, store: ObjectStore, emit: Emit): KubeClient {
  let reachable = true;
  const say = (text: string, object?: KubeObject): void =>
    emit({ type: 'would-call', text, ...(object === undefined ? {} : { object: `${printed(object)}\n` }) });
  const announce = (verb: Verb, apiVersion: string, kind: string): void => {
    const { group, version } = groupVersion(apiVersion);
    const api = group === '' ? 'core/v1' : `${group}/${version}`;
    say(
      `Would perform action ${verb} on resource "${resourceOf(apiVersion, kind).resource}" in API group "${api}"`,
    );
  };
  const attach = (object: KubeObject): void => say('Attached object:', object);
  const name = (ref: ObjectRef): void =>
    say(`Resource name "${ref.name}", namespace "${ref.namespace ?? ''}"`);
  /** What the cluster cannot or may not tell yet is not there: callers would try it again and again. */
  const readReal = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    if (!reachable) return undefined;
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof NetError || error instanceof KubeApiError)) throw error;
      if (error instanceof NetError) reachable = false;
      if (!(error instanceof KubeApiError && error.status === 404)) {
        const message = `Taken as not there: ${messageOf(error)}`;
        emit({ type: 'detail', verbosity: 1, topic: 'dryrun', message });
      }
      return undefined;
    }
  };
  const get = async (ref: ObjectRef, options?: CallOptions): Promise<KubeObject> => {
    const kept = store.find(ref);
    if (kept !== undefined) return kept;
    if (ref.kind === 'Node') return madeUpNode(ref.name);
    const found = await readReal(async () => await real.get(ref, options));
    if (found !== undefined) return found;
    throw new KubeApiError(404, 'NotFound', `${ref.kind} "${ref.name}" not found`);
  };
  const write = (verb: Verb, object: KubeObject): KubeObject => {
    announce(verb, object.apiVersion, object.kind);
    attach(object);
    store.put(object);
    return object;
  };
  return {
    server: real.server,
    get: async (ref, options) => {
      announce('GET', ref.apiVersion, ref.kind);
      name(ref);
      const object = await get(ref, options);
      attach(object);
      return object;
    },
    list: async (apiVersion, kind, options) => {
      announce('LIST', apiVersion, kind);
      const found = await readReal(async () => await real.list(apiVersion, kind, options));
      const unchanged = found?.items.filter((object) => store.find(refOf(object)) === undefined) ?? [];
      const items = [...unchanged, ...store.list(apiVersion, kind, options)];
      return { items, resourceVersion: found?.resourceVersion ?? '' };
    },
    create: async (object, options) => {
      if (object.kind !== 'SelfSubjectReview') return write('CREATE', object);
      // It changes nothing.
      const review = await readReal(async () => await real.create(object, options));
      return review ?? { ...object, status: { userInfo: {} } };
    },
    update: async (object) => write('UPDATE', object),
    patch: async (ref, _type, patch, options) => {
      announce('PATCH', ref.apiVersion, ref.kind);
      name(ref);
      say(`Attached patch: ${JSON.stringify(patch)}`);
      const object = await get(ref, options);
      attach(object);
      return object;
    },
    delete: async (ref) => {
      announce('DELETE', ref.apiVersion, ref.kind);
      name(ref);
      if (store.find(ref) !== undefined) store.delete(ref);
    },
    watch: async function* () {
      // A wait is answered at once: there is nothing to watch.
    },
    raw: async () => healthyAnswer,
    close: real.close,
  };
}

/** As a typed client would send it: with its empty status and the like. */
function printed(object: KubeObject): string {
  const { resourceVersion: _, ...metadata } = object.metadata;
  const plain = refOf(object).kind === 'Service' ? object : { ...object, metadata };
  return toYaml(isKnownKind(object.kind) ? typedForm(object.kind, plain, ownRelease.objectTypes) : plain);
}
