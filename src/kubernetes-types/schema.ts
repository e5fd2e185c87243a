/**
 * Facts about Kubernetes' types: JSON names, the form of an absent value, and how strategic merge patches
 * treat a field. Each release has its own table (releases/), generated from Kubernetes' Go sources.
 */

/**
 * `string`, `bool`, `int32`, `int64`, `uint32`, `float`, `quantity`, `intOrString`, `time`, `duration`,
 * `bytes`, `raw`. `*T` is a pointer, `[]T` a list, and `map T` a map with text keys. Any other name is a struct.
 */
export type TypeName = string;

export interface FieldSchema {
  readonly name: string;
  readonly type: TypeName;
  /** When Go omits the field: never, if it is empty (omitempty), or if it is zero (omitzero). */
  readonly omit: 'never' | 'empty' | 'zero';
  /** `merge`, `retainKeys`, `merge,retainKeys`. */
  readonly strategy?: string;
  /** The field that identifies the elements of a merged list. */
  readonly mergeKey?: string;
}

export type StructTable = Readonly<Record<string, readonly FieldSchema[]>>;

const kinds = {
  Pod: 'core/v1.Pod',
  Node: 'core/v1.Node',
  Service: 'core/v1.Service',
  ServiceAccount: 'core/v1.ServiceAccount',
  ConfigMap: 'core/v1.ConfigMap',
  Secret: 'core/v1.Secret',
  Deployment: 'apps/v1.Deployment',
  DaemonSet: 'apps/v1.DaemonSet',
  Role: 'rbac/v1.Role',
  RoleBinding: 'rbac/v1.RoleBinding',
  ClusterRole: 'rbac/v1.ClusterRole',
  ClusterRoleBinding: 'rbac/v1.ClusterRoleBinding',
  KubeletConfiguration: 'kubelet/v1beta1.KubeletConfiguration',
} as const;

/** The kinds whose types are known. */
export type KnownKind = keyof typeof kinds;

export function isKnownKind(kind: string): kind is KnownKind {
  return Object.hasOwn(kinds, kind);
}

export function typeOfKind(kind: KnownKind): TypeName {
  return kinds[kind];
}

/** The fields of a struct type or of a pointer to one; undefined for another type. */
export function structFields(types: StructTable, type: TypeName): readonly FieldSchema[] | undefined {
  const name = type.replace(/^\*/, '');
  return Object.hasOwn(types, name) ? types[name] : undefined;
}
