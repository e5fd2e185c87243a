/** JSON merge patches, as gopkg.in/evanphx/json-patch applies them. Source: RFC 7386. */
import { copyJson, get, isObject, type JsonObject, set, withoutNulls } from './json-value.ts';

/** Returns the patched document. Neither argument is changed. A patch that is not an object replaces the document. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(target)) return withoutNulls(patch);
  if (!isObject(patch)) return copyJson(patch);
  const merged = copyJson(target) as JsonObject;
  for (const [key, value] of Object.entries(patch)) {
    const current = get(merged, key);
    if (value === null) delete merged[key];
    else if (current === undefined || current === null) set(merged, key, withoutNulls(value));
    else set(merged, key, mergePatch(current, value));
  }
  return merged;
}
