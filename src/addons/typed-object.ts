import type { KubeObject } from '../clients/kube/kube-client.ts';
import { isKnownKind } from '../patches/schema.ts';
import { typedForm } from '../patches/typed.ts';

/** An object as a typed client would send it: with its empty status and the like. */
export function typedObject(object: KubeObject): KubeObject {
  if (!isKnownKind(object.kind)) return object;
  return typedForm(object.kind, object) as unknown as KubeObject;
}
