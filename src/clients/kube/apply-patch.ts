import { applyPatch as applyJsonPatch, type Operation } from 'rfc6902';
import { KubeApiError, messageOf } from '../../errors.ts';
import type { KubeObject, PatchType } from './kube-client.ts';

/**
 * The object with a patch applied, as the API server would answer. Throws `KubeApiError` (422 Invalid) for a
 * JSON patch that does not apply and for a result that is no object.
 */
export function applyPatch(object: KubeObject, type: PatchType, patch: unknown): KubeObject {
  const result = type === 'json' ? jsonPatch(object, patch) : merge(object, patch, type === 'strategic');
  if (isKubeObject(result)) return result;
  throw new KubeApiError(
    422,
    'Invalid',
    `the patch of ${object.kind} ${object.metadata.name} leaves no object`,
  );
}

function jsonPatch(object: KubeObject, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw new KubeApiError(400, 'BadRequest', 'a JSON patch is a list of operations');
  const target: unknown = structuredClone(object);
  const operations: readonly Operation[] = patch;
  for (const error of applyJsonPatch(target, [...operations])) {
    if (error !== null) throw new KubeApiError(422, 'Invalid', messageOf(error));
  }
  return target;
}

/** Lists of a Node that strategic patches merge by key; all other lists are replaced. Source: k8s.io/api tags. */
const mergeKeys: Readonly<Record<string, string>> = {
  conditions: 'type',
  addresses: 'type',
  env: 'name',
  containers: 'name',
  volumes: 'name',
  imagePullSecrets: 'name',
  ownerReferences: 'uid',
};

/** RFC 7386, and with `strategic` the merge of the lists above. */
function merge(target: unknown, patch: unknown, strategic: boolean): unknown {
  if (!isRecord(patch)) return structuredClone(patch);
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else if (strategic && name.startsWith('$')) continue;
    else result[name] = mergeField(name, result[name], value, strategic);
  }
  return result;
}

function mergeField(name: string, before: unknown, value: unknown, strategic: boolean): unknown {
  const key = mergeKeys[name];
  if (!strategic || key === undefined || !Array.isArray(value) || !Array.isArray(before)) {
    return merge(before, value, strategic);
  }
  const merged: unknown[] = [...before];
  for (const item of value) {
    if (!isRecord(item)) continue;
    const index = merged.findIndex((existing) => isRecord(existing) && existing[key] === item[key]);
    if (item.$patch === 'delete') {
      if (index >= 0) merged.splice(index, 1);
    } else if (index < 0) merged.push(structuredClone(item));
    else merged[index] = merge(merged[index], item, true);
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKubeObject(value: unknown): value is KubeObject {
  if (!isRecord(value) || typeof value.apiVersion !== 'string' || typeof value.kind !== 'string')
    return false;
  return isRecord(value.metadata) && typeof value.metadata.name === 'string';
}
