import { isList, isObject, type JsonObject, set } from '../json-value.ts';
import { sortedEntries } from './value.ts';

/** Returns JSON with the same escaped characters as Go's encoding/json. The fields keep their order. */
export function goJson(value: unknown, indent: number): string {
  return JSON.stringify(value, null, indent).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Returns JSON as Go writes maps: with sorted keys. */
export function goMapJson(value: unknown, indent: number): string {
  return goJson(sorted(value), indent);
}

function sorted(value: unknown): unknown {
  if (isList(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, item] of sortedEntries(value)) set(copy, key, sorted(item));
  return copy;
}
