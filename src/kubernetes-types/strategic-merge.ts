/**
 * Strategic merge patches. They work as merge patches, but lists can be merged by a key of their elements, and
 * there are directives (`$patch`, `$retainKeys`, `$deleteFromPrimitiveList/…`, `$setElementOrder/…`).
 * Source: apimachinery/pkg/util/strategicpatch/patch.go; the Kubernetes community's strategic-merge-patch.md.
 */

import {
  copyJson,
  get,
  isList,
  isObject,
  type JsonObject,
  kindOf,
  set,
  withoutNulls,
} from '../lib/json-value.ts';
import { identifyBy, orderElements } from './element-order.ts';
import {
  type FieldSchema,
  type KnownKind,
  type StructTable,
  structFields,
  type TypeName,
  typeOfKind,
} from './schema.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const deletePrefix = '$deleteFromPrimitiveList/';
const orderPrefix = '$setElementOrder/';

/** Why a patch cannot be applied, with the path of the value. */
export class StrategicPatchError extends Error {
  override readonly name: string = 'StrategicPatchError';
}

/** Returns the patched object. Neither argument is changed. */
export function strategicMerge(
  original: object,
  patch: unknown,
  { kind, types }: { readonly kind: KnownKind; readonly types: StructTable },
): JsonObject {
  if (patch === null) return copyJson(original) as JsonObject;
  if (!isObject(patch)) throw new StrategicPatchError('a strategic merge patch must be an object');
  return mergeObject(copyJson(original) as JsonObject, copyJson(patch) as JsonObject, {
    type: typeOfKind(kind),
    types,
    path: '',
  });
}

/** The current position of the merge. */
interface Site {
  readonly type: TypeName;
  readonly types: StructTable;
  readonly path: string;
}

function mergeObject(original: JsonObject, patch: JsonObject, site: Site): JsonObject {
  if (Object.hasOwn(patch, directive)) return applyDirective(patch, site);
  applyRetainKeys(original, patch, site);
  applyElementOrders(original, patch, site);
  for (const [patchKey, value] of Object.entries(patch)) {
    const deleting = patchKey.startsWith(deletePrefix);
    const key = deleting ? patchKey.slice(deletePrefix.length) : patchKey;
    if (value === null) {
      delete original[key];
      continue;
    }
    const current = get(original, key);
    const at = `${site.path}.${key}`;
    if (current === undefined || kindOf(current) !== kindOf(value)) {
      if (deleting) continue;
      replace(original, key, withoutNulls(value));
    } else if (isObject(current) && isObject(value)) {
      const field = fieldOf({ ...site, path: at }, key);
      set(
        original,
        key,
        strategyOf(field) === 'replace'
          ? value
          : mergeObject(current, value, { type: field.type, types: site.types, path: at }),
      );
    } else if (isList(current) && isList(value)) {
      const field = fieldOf({ ...site, path: at }, key);
      set(original, key, mergeList(current, value, { field, types: site.types, deleting, path: at }));
    } else {
      replace(original, key, value);
    }
  }
  return original;
}

function applyDirective(patch: JsonObject, { path }: Site): JsonObject {
  const { [directive]: word, ...rest } = patch;
  if (word === 'replace') return rest;
  if (word === 'delete') return {};
  throw new StrategicPatchError(`${path || 'the patch'}: $patch must be "replace" or "delete" here`);
}

function applyRetainKeys(original: JsonObject, patch: JsonObject, { path }: Site): void {
  const kept = get(patch, retainKeys);
  if (kept === undefined) return;
  delete patch[retainKeys];
  if (!isList(kept)) throw new StrategicPatchError(`${path}: $retainKeys must be a list`);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(deletePrefix) || key.startsWith(orderPrefix)) continue;
    if (!kept.includes(key)) {
      throw new StrategicPatchError(`${path}: $retainKeys does not name "${key}", which the patch sets`);
    }
  }
  for (const key of Object.keys(original)) if (!kept.includes(key)) delete original[key];
}

function applyElementOrders(original: JsonObject, patch: JsonObject, site: Site): void {
  for (const orderKey of Object.keys(patch).filter((key) => key.startsWith(orderPrefix))) {
    const key = orderKey.slice(orderPrefix.length);
    const order = get(patch, orderKey);
    const at = `${site.path}.${key}`;
    delete patch[orderKey];
    const current = get(original, key);
    const change = get(patch, key);
    if (!isList(order)) throw new StrategicPatchError(`${at}: $setElementOrder must be a list`);
    if (!isListOrMissing(current) || !isListOrMissing(change)) {
      throw new StrategicPatchError(`${at}: $setElementOrder is for lists`);
    }
    const field = fieldOf({ ...site, path: at }, key);
    checkOrder(change ?? [], order, { mergeKey: field.mergeKey, path: at });
    if (current === undefined && change === undefined) continue;
    const merged = mergeOrdered(current, change, { field, types: site.types, deleting: false, path: at });
    const before = orderAfterDeletions(current ?? [], change ?? [], field.mergeKey);
    const identify = identifyBy(field.mergeKey);
    set(original, key, orderElements(merged, { patch: order, original: before }, identify));
    delete patch[key];
  }
}

/**
 * Upstream deletes in place, and new elements then take the free places at the end. So they count as elements
 * that were in the list before.
 */
function orderAfterDeletions(
  current: readonly unknown[],
  change: readonly unknown[],
  mergeKey: string | undefined,
): readonly unknown[] {
  if (mergeKey === undefined) return current;
  const identify = identifyBy(mergeKey);
  const keys = (word: boolean) =>
    new Set(
      change.filter((each) => (isObject(each) && get(each, directive) === 'delete') === word).map(identify),
    );
  const deleted = keys(true);
  const kept = current.filter((element) => !deleted.has(identify(element)));
  const there = new Set(kept.map(identify));
  const added = change.filter((each) => keys(false).has(identify(each)) && !there.has(identify(each)));
  return [...kept, ...added.slice(0, current.length - kept.length)];
}

function mergeOrdered(
  current: unknown[] | undefined,
  change: unknown[] | undefined,
  site: ListSite,
): readonly unknown[] {
  if (change === undefined) return current ?? [];
  if (current === undefined) return withoutDirectives(change) as unknown[];
  return mergeList(current, change, site);
}

/** The list of the patch must be a part of the order that the patch names, in that order. */
function checkOrder(
  change: readonly unknown[],
  order: readonly unknown[],
  { mergeKey, path }: { readonly mergeKey: string | undefined; readonly path: string },
): void {
  if (order.length === 0) return;
  const identify = identifyBy(mergeKey);
  const wanted = change.filter((element) => !(isObject(element) && Object.hasOwn(element, directive)));
  let next = 0;
  for (const element of order) {
    if (next < wanted.length && identify(wanted[next]) === identify(element)) next++;
  }
  if (next < wanted.length) {
    throw new StrategicPatchError(`${path}: the order of the patch is not that of $setElementOrder`);
  }
}

interface ListSite {
  readonly field: FieldSchema;
  readonly types: StructTable;
  readonly deleting: boolean;
  readonly path: string;
}

function mergeList(original: unknown[], patch: unknown[], site: ListSite): unknown[] {
  const { field, deleting, path } = site;
  if (strategyOf(field) !== 'merge' && !deleting) return patch;
  if (original.length === 0 && patch.length === 0) return original;
  const elements = new Set([...original, ...patch].map(kindOf));
  if (elements.size > 1) throw new StrategicPatchError(`${path}: elements must all be of one type`);
  if (elements.has('list')) throw new StrategicPatchError(`${path}: lists of lists cannot be merged`);
  if (!elements.has('object')) {
    if (deleting) return original.filter((element) => !patch.includes(element));
    const both = [...new Set([...original, ...patch])];
    return orderElements(both, { patch, original }, identifyBy(undefined));
  }
  return mergeObjects(original as JsonObject[], patch as JsonObject[], site);
}

function mergeObjects(
  original: JsonObject[],
  patch: JsonObject[],
  { field, types, path }: ListSite,
): unknown[] {
  const key = field.mergeKey;
  if (key === undefined) throw new StrategicPatchError(`${path}: this list has no key to merge it by`);
  const identify = identifyBy(key);
  for (const element of [...original, ...patch]) {
    if (get(element, key) === undefined && get(element, directive) !== 'replace') {
      throw new StrategicPatchError(`${path}: an element has no "${key}", the key that tells elements apart`);
    }
  }
  const changes = patch.filter((element) => !Object.hasOwn(element, directive));
  const kept = applyListDirectives(original, patch, { key, path });
  const merged: JsonObject[] = [...kept];
  const elementType = field.type.replace(/^\*?\[\]/, '');
  for (const change of changes) {
    const index = merged.findIndex((element) => get(element, key) === get(change, key));
    const found = merged[index];
    if (found === undefined) merged.push(change);
    else {
      merged[index] = mergeObject(found, change, {
        type: elementType,
        types,
        path: `${path}[${key}=${String(get(change, key))}]`,
      });
    }
  }
  return orderElements(merged, { patch: changes, original: kept }, identify);
}

/** The list after elements with `$patch: delete` and `$patch: replace`. */
function applyListDirectives(
  original: JsonObject[],
  patch: readonly JsonObject[],
  { key, path }: { readonly key: string; readonly path: string },
): JsonObject[] {
  let kept = original;
  let replaced = false;
  for (const element of patch) {
    const word = get(element, directive);
    if (word === undefined) continue;
    if (word === 'replace') replaced = true;
    else if (word === 'delete') kept = kept.filter((other) => get(other, key) !== get(element, key));
    else throw new StrategicPatchError(`${path}: $patch must be "replace" or "delete" here`);
  }
  return replaced ? [] : kept;
}

function fieldOf({ type, types, path }: Site, key: string): FieldSchema {
  const element = /^\*?map (.*)$/.exec(type)?.[1];
  // Upstream has no schema either for values of maps that are objects or lists.
  const field =
    element === undefined ? structFields(types, type)?.find(({ name }) => name === key) : undefined;
  if (field === undefined) throw new StrategicPatchError(`${path}: there is no such field to merge`);
  return field;
}

function strategyOf(field: FieldSchema): string {
  return (field.strategy ?? '').split(',').filter((word) => word !== 'retainKeys')[0] ?? '';
}

function replace(object: JsonObject, key: string, value: unknown): void {
  const kept = withoutDirectives(value);
  if (kept === undefined) delete object[key];
  else set(object, key, kept);
}

/** Removes directives from new values. They have no effect if the old value does not exist. */
function withoutDirectives(value: unknown): unknown {
  if (isList(value)) return value.map(withoutDirectives).filter((element) => element !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, directive)) return undefined;
  const kept: JsonObject = {};
  for (const [key, each] of Object.entries(value)) {
    const inner = withoutDirectives(each);
    if (inner !== undefined) set(kept, key, inner);
  }
  return kept;
}

function isListOrMissing(value: unknown): value is unknown[] | undefined {
  return value === undefined || isList(value);
}
