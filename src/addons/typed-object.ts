import type { KubeObject } from '../clients/kube/kube-client.ts';
import { isKnownKind, type StructTable } from '../kubernetes-types/schema.ts';
import { typedForm } from '../kubernetes-types/typed.ts';

/** An object as a client with these types would send it, with fields such as its empty status. */
export function typedObject(object: KubeObject, types: StructTable): KubeObject {
  if (!isKnownKind(object.kind)) return object;
  return typedForm(object.kind, object, types) as unknown as KubeObject;
}
