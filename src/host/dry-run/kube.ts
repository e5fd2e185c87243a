/** An API client that reads from the real cluster and reports the writes that it would do. */
import { applyPatch } from '../../clients/kube/apply-patch.ts';
import type {
  CallOptions,
  KubeClient,
  KubeConnect,
  KubeObject,
  ObjectRef,
} from '../../clients/kube/kube-client.ts';
import {
  alreadyExists,
  createObjectStore,
  notFound,
  type ObjectStore,
} from '../../clients/kube/object-store.ts';
import { groupVersion, refOf, resourceOf } from '../../clients/kube/resources.ts';
import { KubeApiError, messageOf, NetError } from '../../errors.ts';
import type { DryRunEvent } from '../../events/dry-run.ts';
import type { Emit } from '../../events.ts';
import { isKnownKind } from '../../kubernetes-types/schema.ts';
import { typedForm } from '../../kubernetes-types/typed.ts';
import { toYaml } from '../../lib/yaml/write.ts';
import { ownRelease } from '../../releases/index.ts';
import type { MadeUp } from './made-up.ts';

/** A cluster that is there answers at once; one that is not must not hold up a dry run. */
const readTimeoutMs = 2000;

type Call = Extract<DryRunEvent, { type: 'would-call' }>;
type Verb = Call['verb'];

export interface DryRunKubeOptions {
  readonly madeUp: MadeUp;
  readonly emit: Emit;
  /** The objects that would have been written, for all clients of the run. */
  readonly store?: ObjectStore;
  /** The objects that would have been deleted, for all clients of the run. */
  readonly deleted?: ObjectStore;
  /** The servers that did not answer, for all clients of the run. */
  readonly silent?: Set<string>;
}

/** All clients of the result share the objects that would have been written. */
export function dryRunKube(connect: KubeConnect, options: DryRunKubeOptions): KubeConnect {
  const kept = {
    store: createObjectStore(),
    deleted: createObjectStore(),
    silent: new Set<string>(),
    ...options,
  };
  return (kubeconfig, connectOptions) => {
    const real = connect(kubeconfig, { ...connectOptions, timeoutMs: readTimeoutMs });
    return createClient(real, kept);
  };
}

function createClient(real: KubeClient, options: Required<DryRunKubeOptions>): KubeClient {
  const { deleted, emit, madeUp, silent, store } = options;
  const { server } = real;
  const readReal = reader({ server, silent, emit, showsRefusals: madeUp.showsRefusals ?? false });
  const { find, keep } = keptObjects(real, readReal, options);
  const report = (verb: Verb, of: Kind, more: Partial<Call> = {}): void => {
    if (!madeUp.showsReads && (verb === 'GET' || verb === 'LIST')) return;
    const { group, version } = groupVersion(of.apiVersion);
    const { resource } = resourceOf(of.apiVersion, of.kind);
    emit({ type: 'would-call', verb, resource, api: `${group || 'core'}/${version}`, ...more });
  };
  const write = (verb: Verb, object: KubeObject): KubeObject => {
    report(verb, object, { object: printed(object) });
    const status = madeUp.states?.[object.kind];
    const kept = status === undefined ? object : { ...object, status };
    keep(kept);
    return kept;
  };
  return {
    server,
    get: async (ref, options) => {
      const object = await find(ref, options);
      report('GET', ref, { ...nameOf(ref), ...attached(object) });
      if (object === undefined) throw notFound(ref);
      return object;
    },
    list: async (apiVersion, kind, options) => {
      report('LIST', { apiVersion, kind });
      const found = await readReal(() => real.list(apiVersion, kind, options));
      const isUnchanged = (ref: ObjectRef) =>
        store.find(ref) === undefined && deleted.find(ref) === undefined;
      const unchanged = found?.items.filter((object) => isUnchanged(refOf(object))) ?? [];
      const known = [...unchanged, ...store.list(apiVersion, kind, options)];
      const items = known.length === 0 ? (madeUp.items?.[kind] ?? []) : known;
      return { items, resourceVersion: found?.resourceVersion ?? '' };
    },
    create: async (object, options) => {
      if (object.kind !== 'SelfSubjectReview') {
        const ref = refOf(object);
        if ((await find(ref, options)) !== undefined) throw alreadyExists(ref);
        return write('CREATE', object);
      }
      // It changes nothing.
      const review = await readReal(() => real.create(object, options));
      return review ?? { ...object, status: { userInfo: {} } };
    },
    update: async (object) => write('UPDATE', object),
    patch: async (ref, type, patch, options) => {
      const object = await find(ref, options);
      report('PATCH', ref, { ...nameOf(ref), patch: JSON.stringify(patch), ...attached(object) });
      if (object === undefined) throw notFound(ref);
      const patched = applyPatch(object, type, patch);
      keep(patched);
      return patched;
    },
    delete: async (ref) => {
      report('DELETE', ref, nameOf(ref));
      if (store.find(ref) !== undefined) store.delete(ref);
      const { apiVersion, kind, ...metadata } = ref;
      deleted.put({ apiVersion, kind, metadata });
    },
    watch: async function* () {
      // A wait is answered at once: there is nothing to watch.
    },
    raw: async (path, options) =>
      madeUp.answer ?? (await readReal(() => real.raw(path, options))) ?? { status: 404, body: '' },
    close: real.close,
  };
}

interface KeptObjects {
  /** The object as it would be after the writes so far. Without a cluster, some objects are made up. */
  readonly find: (ref: ObjectRef, options?: CallOptions) => Promise<KubeObject | undefined>;
  readonly keep: (object: KubeObject) => void;
}

function keptObjects(
  real: KubeClient,
  readReal: ReadReal,
  { deleted, madeUp, silent, store }: Required<DryRunKubeOptions>,
): KeptObjects {
  return {
    find: async (ref, options) => {
      if (deleted.find(ref) !== undefined) return undefined;
      return (
        store.find(ref) ??
        madeUp.objects[ref.kind]?.(ref.name) ??
        (await readReal(() => real.get(ref, options))) ??
        (silent.has(real.server) ? madeUp.cluster?.find(ref) : undefined) ??
        madeUp.missing?.[ref.kind]?.(ref.name)
      );
    },
    keep: (object) => {
      const ref = refOf(object);
      if (deleted.find(ref) !== undefined) deleted.delete(ref);
      store.put(object);
    },
  };
}

type Kind = Pick<ObjectRef, 'apiVersion' | 'kind'>;

interface Reading {
  readonly server: string;
  readonly silent: Set<string>;
  readonly emit: Emit;
  readonly showsRefusals: boolean;
}

type ReadReal = <T>(read: () => Promise<T>) => Promise<T | undefined>;

/**
 * Reads from the cluster. Other errors than a refusal count as "not found", because callers would try the read again and
 * again. A server that does not answer is not asked again.
 */
function reader({ emit, server, showsRefusals, silent }: Reading): ReadReal {
  return async (read) => {
    if (silent.has(server)) return undefined;
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof NetError || error instanceof KubeApiError)) throw error;
      if (error instanceof NetError) silent.add(server);
      if (error instanceof KubeApiError && error.status === 404) return undefined;
      if (error instanceof KubeApiError && showsRefusals && [400, 401, 403].includes(error.status))
        throw error;
      const message = `Taken as not there: ${messageOf(error)}`;
      emit({ type: 'detail', verbosity: 1, topic: 'dryrun', message });
      return undefined;
    }
  };
}

function nameOf({ name, namespace = '' }: ObjectRef): Pick<Call, 'name' | 'namespace'> {
  return { name, namespace };
}

function attached(object: KubeObject | undefined): Pick<Call, 'object'> {
  return object === undefined ? {} : { object: printed(object) };
}

/** As a typed client would send it: with its empty status and the like. */
function printed(object: KubeObject): string {
  const { resourceVersion: _, ...metadata } = object.metadata;
  const plain = refOf(object).kind === 'Service' ? object : { ...object, metadata };
  const known = isKnownKind(object.kind) ? typedForm(object.kind, plain, ownRelease.objectTypes) : plain;
  return `${toYaml(known)}\n`;
}
