import { isList, isObject, type JsonObject, set } from '../json-value.ts';

/**
 * A value as Go's JSON decoder of Kubernetes makes it. A whole number is a bigint and stands for Go's int64. Any other
 * number stands for float64. `undefined` is a field that does not exist.
 */
export type GoValue =
  | undefined
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly GoValue[]
  | { readonly [key: string]: GoValue };

export type GoMap = { readonly [key: string]: GoValue };

export function goValue(json: unknown): GoValue {
  if (isList(json)) return json.map(goValue);
  if (isObject(json)) {
    const copy: JsonObject = {};
    for (const [key, value] of Object.entries(json)) {
      if (value !== undefined) set(copy, key, goValue(value));
    }
    return copy as GoMap;
  }
  return typeof json === 'number' && Number.isSafeInteger(json) ? BigInt(json) : (json as GoValue);
}

export function isGoList(value: GoValue): value is readonly GoValue[] {
  return Array.isArray(value);
}

export function isGoMap(value: GoValue): value is GoMap {
  return isObject(value);
}

/** Returns Go's name of the type. */
export function goType(value: GoValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (isGoList(value)) return '[]interface {}';
  if (isGoMap(value)) return 'map[string]interface {}';
  if (typeof value === 'bigint') return 'int64';
  return typeof value === 'number' ? 'float64' : typeof value === 'boolean' ? 'bool' : 'string';
}

/** Returns the entries in the order of their keys, as Go prints and ranges over maps. */
export function sortedEntries<Value>(map: { readonly [key: string]: Value }): readonly [string, Value][] {
  return Object.entries(map).sort(([a], [b]) => compareText(a, b));
}

/** Compares as Go does, by the bytes of UTF-8. */
export function compareText(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((character, index) => character !== right[index]);
  if (at === -1) return left.length - right.length;
  return (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1);
}
