import { KubeApiError, messageOf } from '../../errors.ts';
import { isKnownKind } from '../../kubernetes-types/schema.ts';
import { strategicMerge } from '../../kubernetes-types/strategic-merge.ts';
import { mergePatch } from '../../lib/json-merge-patch.ts';
import { applyJsonPatch } from '../../lib/json-patch.ts';
import { isObject } from '../../lib/json-value.ts';
import { ownRelease } from '../../releases/index.ts';
import type { KubeObject, PatchType } from './kube-client.ts';

/**
 * The object with a patch applied, as the API server would answer.
 *
 * @throws KubeApiError 400 for a JSON patch that is not a list, 415 for a strategic patch of a kind without a
 *   schema, 422 for a patch that does not apply or leaves no object
 */
export function applyPatch(object: KubeObject, type: PatchType, patch: unknown): KubeObject {
  const result = patched(object, type, patch);
  if (isKubeObject(result)) return result;
  throw new KubeApiError(
    422,
    'Invalid',
    `the patch of ${object.kind} ${object.metadata.name} leaves no object`,
  );
}

function patched(object: KubeObject, type: PatchType, patch: unknown): unknown {
  if (type === 'json' && !Array.isArray(patch)) {
    throw new KubeApiError(400, 'BadRequest', 'a JSON patch is a list of operations');
  }
  if (type === 'merge') return mergePatch(object, patch);
  const { kind } = object;
  if (type === 'strategic' && !isKnownKind(kind)) {
    throw new KubeApiError(415, 'UnsupportedMediaType', `${kind} takes no strategic merge patch`);
  }
  try {
    return type === 'strategic' && isKnownKind(kind)
      ? strategicMerge(object, patch, { kind, types: ownRelease.objectTypes })
      : applyJsonPatch(object, patch);
  } catch (error) {
    throw new KubeApiError(422, 'Invalid', messageOf(error), { cause: error });
  }
}

function isKubeObject(value: unknown): value is KubeObject {
  if (!isObject(value) || typeof value.apiVersion !== 'string' || typeof value.kind !== 'string')
    return false;
  return isObject(value.metadata) && typeof value.metadata.name === 'string';
}
