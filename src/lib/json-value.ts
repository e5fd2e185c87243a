/** JSON data. Whole numbers that a `number` cannot hold exactly have the type `bigint`. */
export type JsonObject = { [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

export type JsonKind = 'null' | 'boolean' | 'number' | 'string' | 'list' | 'object';

export function kindOf(value: unknown): JsonKind {
  if (value === null || value === undefined) return 'null';
  if (isList(value)) return 'list';
  const kind = typeof value === 'bigint' ? 'number' : typeof value;
  return kind === 'boolean' || kind === 'number' || kind === 'string' ? kind : 'object';
}

/** Copies the data with new plain maps, in which `__proto__` is a key like any other. */
export function copyJson(value: unknown): unknown {
  if (isList(value)) return value.map(copyJson);
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, each] of Object.entries(value)) set(copy, key, copyJson(each));
  return copy;
}

/** Sets an own field with any name. */
export function set(object: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Returns an own field; undefined if it does not exist. */
export function get(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Removes nulls from maps, because a null in a patch removes the field. A null in a list is an element. */
export function withoutNulls(value: unknown): unknown {
  if (isList(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept: JsonObject = {};
  for (const [key, each] of Object.entries(value)) {
    if (each !== null) set(kept, key, withoutNulls(each));
  }
  return kept;
}
