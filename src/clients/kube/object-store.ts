/**
 * Objects in memory with the API server's rules: names are unique, resourceVersions rise, updates may
 * conflict. Behind the API of a memory host, and for what a dry run would have written.
 */
import { KubeApiError } from '../../errors.ts';
import { applyPatch } from './apply-patch.ts';
import type { KubeObject, ListOptions, ObjectRef, PatchType, WatchEvent } from './kube-client.ts';
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
  /** Takes an object as it is, without a check or an event. */
  readonly put: (object: KubeObject) => void;
  /** Everything that is stored, in the order of its creation. */
  readonly all: () => readonly KubeObject[];
  /** Calls the listener after each change; the result ends that. */
  readonly onChange: (listener: (event: WatchEvent) => void) => () => void;
}

export interface ObjectStoreOptions {
  /** creationTimestamp of new objects; left out: none is set. */
  readonly now?: () => Date;
}

export function createObjectStore(options: ObjectStoreOptions = {}): ObjectStore {
  const objects = new Map<string, KubeObject>();
  const listeners = new Set<(event: WatchEvent) => void>();
  let version = 0;

  const store = (object: KubeObject, type: WatchEvent['type']): KubeObject => {
    version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(version) };
    const stored = structuredClone({ ...object, metadata });
    objects.set(keyOf(refOf(object)), stored);
    announce(type, stored);
    return structuredClone(stored);
  };
  const announce = (type: WatchEvent['type'], object: KubeObject): void => {
    for (const listener of [...listeners]) listener({ type, object: structuredClone(object) });
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
    return store({ ...after, metadata: { ...after.metadata, ...kept } }, 'MODIFIED');
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
      return store({ ...object, metadata }, 'ADDED');
    },
    update: (object) => replace(get(refOf(object)), object),
    patch: (ref, type, patch) => {
      const before = get(ref);
      return replace(before, applyPatch(before, type, patch));
    },
    delete: (ref) => {
      const object = get(ref);
      objects.delete(keyOf(ref));
      announce('DELETED', object);
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
