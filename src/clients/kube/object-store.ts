/**
 * Objects in memory with the API server's rules: names are unique, resourceVersions increase, and updates can
 * conflict. The memory host's API and the dry run use it.
 */
import { KubeApiError } from '../../errors.ts';
import { applyPatch } from './apply-patch.ts';
import type { KubeObject, ListOptions, ObjectRef, PatchType } from './kube-client.ts';
import { groupVersion, refOf, resourceOf } from './resources.ts';
import { selects } from './selectors.ts';

export interface ObjectStore {
  readonly get: (ref: ObjectRef) => KubeObject;
  readonly find: (ref: ObjectRef) => KubeObject | undefined;
  readonly list: (apiVersion: string, kind: string, options?: ListOptions) => readonly KubeObject[];
  readonly create: (object: KubeObject) => KubeObject;
  readonly update: (object: KubeObject) => KubeObject;
  readonly patch: (ref: ObjectRef, type: PatchType, patch: unknown) => KubeObject;
  readonly delete: (ref: ObjectRef) => KubeObject;
  /** Stores an object unchanged, without a check or an event. */
  readonly put: (object: KubeObject) => void;
  /** All objects, in the order of their creation. */
  readonly all: () => readonly KubeObject[];
  /** Calls the listener after each change. The returned function unsubscribes it. */
  readonly onChange: (listener: (change: Change) => void) => () => void;
  /** The version of the newest change. */
  readonly version: () => string;
  /** The changes after a version, oldest first. @throws KubeApiError 410 if the store has forgotten them */
  readonly changesSince: (version: string) => readonly Change[];
  /** Forgets all changes up to now, as etcd does with old ones. */
  readonly compact: () => void;
}

/** A change of one object, with the object as it was before. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  readonly before: KubeObject | undefined;
}

export interface ObjectStoreOptions {
  /** Sets creationTimestamp of new objects. Without it, they have none. */
  readonly now?: () => Date;
}

export function createObjectStore(options: ObjectStoreOptions = {}): ObjectStore {
  const objects = new Map<string, KubeObject>();
  const listeners = new Set<(change: Change) => void>();
  let history: readonly Change[] = [];
  let version = 0;
  let compacted = 0;

  const versioned = (object: KubeObject): KubeObject => {
    version += 1;
    return structuredClone({ ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
  };
  const store = (object: KubeObject): KubeObject => {
    const key = keyOf(refOf(object));
    const before = objects.get(key);
    const stored = versioned(object);
    objects.set(key, stored);
    announce({ type: before === undefined ? 'ADDED' : 'MODIFIED', object: stored, before });
    return structuredClone(stored);
  };
  const announce = (change: Change): void => {
    history = [...history, change];
    for (const listener of [...listeners]) listener(structuredClone(change));
  };
  const find = (ref: ObjectRef): KubeObject | undefined => {
    const object = objects.get(keyOf(ref));
    return object === undefined ? undefined : structuredClone(object);
  };
  const get = (ref: ObjectRef): KubeObject => {
    const object = find(ref);
    if (object === undefined) throw notFound(ref);
    return object;
  };
  const replace = (before: KubeObject, after: KubeObject): KubeObject => {
    const wanted = after.metadata.resourceVersion;
    if (wanted !== undefined && wanted !== '' && wanted !== before.metadata.resourceVersion) {
      throw conflict(refOf(after));
    }
    const { uid, creationTimestamp } = before.metadata;
    const kept = {
      ...(uid === undefined ? {} : { uid }),
      ...(creationTimestamp ? { creationTimestamp } : {}),
    };
    return store({ ...after, metadata: { ...after.metadata, ...kept } });
  };

  return {
    get,
    find,
    list: (apiVersion, kind, listOptions = {}) => {
      const found = [...objects.values()].filter(
        (object) => object.apiVersion === apiVersion && object.kind === kind && selects(listOptions, object),
      );
      return structuredClone(found.slice(0, listOptions.limit ?? found.length));
    },
    create: (object) => {
      const ref = refOf(object);
      if (objects.has(keyOf(ref))) throw alreadyExists(ref);
      const born = options
        .now?.()
        .toISOString()
        .replace(/\.\d+Z$/, 'Z');
      const uid = `00000000-0000-4000-8000-${String(version + 1).padStart(12, '0')}`;
      const namespace = resourceOf(ref.apiVersion, ref.kind).namespaced
        ? (ref.namespace ?? 'default')
        : undefined;
      const metadata = {
        ...object.metadata,
        ...(namespace === undefined ? {} : { namespace }),
        uid,
        ...(born === undefined ? {} : { creationTimestamp: born }),
      };
      return store({ ...object, metadata });
    },
    update: (object) => replace(get(refOf(object)), object),
    patch: (ref, type, patch) => {
      const before = get(ref);
      return replace(before, applyPatch(before, type, patch));
    },
    delete: (ref) => {
      const object = get(ref);
      objects.delete(keyOf(ref));
      announce({ type: 'DELETED', object: versioned(object), before: object });
      return object;
    },
    put: (object) => {
      objects.set(keyOf(refOf(object)), structuredClone(object));
    },
    all: () => structuredClone([...objects.values()]),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    version: () => String(version),
    changesSince: (since) => {
      if (Number(since) < compacted) throw expired(since, compacted);
      return structuredClone(
        history.filter(({ object }) => Number(object.metadata.resourceVersion) > Number(since)),
      );
    },
    compact: () => {
      compacted = version;
      history = [];
    },
  };
}

function keyOf(ref: ObjectRef): string {
  const namespaced = resourceOf(ref.apiVersion, ref.kind).namespaced;
  return [ref.apiVersion, ref.kind, namespaced ? (ref.namespace ?? 'default') : '', ref.name].join('\n');
}

function describe(ref: ObjectRef): string {
  const { resource } = resourceOf(ref.apiVersion, ref.kind);
  const { group } = groupVersion(ref.apiVersion);
  return `${group === '' ? resource : `${resource}.${group}`} "${ref.name}"`;
}

export function notFound(ref: ObjectRef): KubeApiError {
  return new KubeApiError(404, 'NotFound', `${describe(ref)} not found`);
}

export function alreadyExists(ref: ObjectRef): KubeApiError {
  return new KubeApiError(409, 'AlreadyExists', `${describe(ref)} already exists`);
}

function conflict(ref: ObjectRef): KubeApiError {
  const text = 'the object has been modified; please apply your changes to the latest version and try again';
  return new KubeApiError(409, 'Conflict', `Operation cannot be fulfilled on ${describe(ref)}: ${text}`);
}

function expired(wanted: string, oldest: number): KubeApiError {
  return new KubeApiError(410, 'Expired', `too old resource version: ${wanted} (${oldest})`);
}
