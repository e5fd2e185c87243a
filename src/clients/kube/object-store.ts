/**
 * Objects in memory with the API server's rules: names are unique, resourceVersions increase, and updates can
 * conflict. The memory host's API and the dry run use it.
 */
import { KubeApiError } from '../../errors.ts';
import { applyPatch } from './apply-patch.ts';
import { type ChangeLog, createChangeLog } from './change-log.ts';
import type { KubeObject, ListOptions, ObjectRef, PatchType } from './kube-client.ts';
import { groupVersion, refOf, resourceOf } from './resources.ts';
import { selects } from './selectors.ts';

export interface ObjectStore extends ChangeLog {
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
}

export interface ObjectStoreOptions {
  /** Sets creationTimestamp of new objects. Without it, they have none. */
  readonly now?: () => Date;
}

export function createObjectStore(options: ObjectStoreOptions = {}): ObjectStore {
  const objects = new Map<string, KubeObject>();
  const { add, versioned, ...log } = createChangeLog();

  const store = (object: KubeObject): KubeObject => {
    const key = keyOf(refOf(object));
    const before = objects.get(key);
    const stored = versioned(object);
    objects.set(key, stored);
    add({ type: before === undefined ? 'ADDED' : 'MODIFIED', object: stored, before });
    return structuredClone(stored);
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
  const replace = (before: KubeObject, after: KubeObject): KubeObject => store(successor(before, after));

  return {
    ...log,
    get,
    find,
    list: (apiVersion, kind, listOptions = {}) => {
      const selected = [...objects.values()].filter(
        (object) => object.apiVersion === apiVersion && object.kind === kind && selects(listOptions, object),
      );
      return structuredClone(selected.slice(0, listOptions.limit ?? selected.length));
    },
    create: (object) => {
      const ref = refOf(object);
      if (objects.has(keyOf(ref))) throw alreadyExists(ref);
      return store(born(object, { number: Number(log.version()) + 1, time: options.now?.() }));
    },
    update: (object) => replace(get(refOf(object)), object),
    patch: (ref, type, patch) => {
      const before = get(ref);
      return replace(before, applyPatch(before, type, patch));
    },
    delete: (ref) => {
      const object = get(ref);
      objects.delete(keyOf(ref));
      add({ type: 'DELETED', object: versioned(object), before: object });
      return object;
    },
    put: (object) => {
      objects.set(keyOf(refOf(object)), structuredClone(object));
    },
    all: () => structuredClone([...objects.values()]),
  };
}

/** Returns the object with the fields that the API server sets when it creates one. */
function born(
  object: KubeObject,
  { number, time }: { readonly number: number; readonly time: Date | undefined },
): KubeObject {
  const ref = refOf(object);
  const { namespaced } = resourceOf(ref.apiVersion, ref.kind);
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(namespaced ? { namespace: ref.namespace ?? 'default' } : {}),
      uid: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      ...(time === undefined ? {} : { creationTimestamp: time.toISOString().replace(/\.\d+Z$/, 'Z') }),
    },
  };
}

/** Returns the new state of an object, which keeps its identity. @throws KubeApiError 409 for an old version */
function successor(before: KubeObject, after: KubeObject): KubeObject {
  const wanted = after.metadata.resourceVersion;
  if (wanted !== undefined && wanted !== '' && wanted !== before.metadata.resourceVersion) {
    throw conflict(refOf(after));
  }
  const { uid, creationTimestamp } = before.metadata;
  const kept = {
    ...(uid === undefined ? {} : { uid }),
    ...(creationTimestamp ? { creationTimestamp } : {}),
  };
  return { ...after, metadata: { ...after.metadata, ...kept } };
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
