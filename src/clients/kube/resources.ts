/**
 * Which API path serves a kind. A table of the kinds that kubeadm uses replaces discovery and saves its requests.
 * Source: api/openapi-spec of Kubernetes 1.36.
 */
import { KubeadmError } from '../../errors.ts';
import type { KubeObject, ObjectRef, Selection } from './kube-client.ts';

export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  /** Plural, as in paths and RBAC rules. */
  readonly resource: string;
  readonly namespaced: boolean;
}

const table: Readonly<Record<string, Readonly<Record<string, readonly [string, boolean]>>>> = {
  v1: {
    ConfigMap: ['configmaps', true],
    Event: ['events', true],
    Namespace: ['namespaces', false],
    Node: ['nodes', false],
    Pod: ['pods', true],
    Secret: ['secrets', true],
    Service: ['services', true],
    ServiceAccount: ['serviceaccounts', true],
  },
  'apps/v1': {
    DaemonSet: ['daemonsets', true],
    Deployment: ['deployments', true],
    ReplicaSet: ['replicasets', true],
  },
  'authentication.k8s.io/v1': { SelfSubjectReview: ['selfsubjectreviews', false] },
  'batch/v1': { Job: ['jobs', true] },
  'certificates.k8s.io/v1': { CertificateSigningRequest: ['certificatesigningrequests', false] },
  'discovery.k8s.io/v1': { EndpointSlice: ['endpointslices', true] },
  'rbac.authorization.k8s.io/v1': {
    ClusterRole: ['clusterroles', false],
    ClusterRoleBinding: ['clusterrolebindings', false],
    Role: ['roles', true],
    RoleBinding: ['rolebindings', true],
  },
};

/** @throws KubeadmError `internal` for a kind outside the table, which is a mistake of the caller */
export function resourceOf(apiVersion: string, kind: string): Resource {
  const row = table[apiVersion]?.[kind];
  if (row === undefined) {
    throw new KubeadmError('internal', `no API path is known for ${kind} of ${apiVersion}`);
  }
  return { apiVersion, kind, resource: row[0], namespaced: row[1] };
}

/** API group (empty for the core group) and version of an apiVersion. */
export function groupVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** Path of all objects of a kind, in one namespace or in all. */
export function collectionPath(apiVersion: string, kind: string, namespace?: string): string {
  const { resource, namespaced } = resourceOf(apiVersion, kind);
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource}`;
}

/** Path of one object. A namespaced kind without a namespace is in `default`. */
export function objectPath(ref: ObjectRef): string {
  const namespace = resourceOf(ref.apiVersion, ref.kind).namespaced
    ? (ref.namespace ?? 'default')
    : undefined;
  return `${collectionPath(ref.apiVersion, ref.kind, namespace)}/${encodeURIComponent(ref.name)}`;
}

/** `?labelSelector=…&limit=…`; empty if no option is set. */
export function listQuery(
  options: Selection & { readonly limit?: number },
  extra: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams(extra);
  if (options.labelSelector !== undefined) query.set('labelSelector', options.labelSelector);
  if (options.fieldSelector !== undefined) query.set('fieldSelector', options.fieldSelector);
  if (options.limit !== undefined) query.set('limit', String(options.limit));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The reference to this object. */
export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  const ref = { apiVersion: object.apiVersion, kind: object.kind, name };
  return namespace === undefined ? ref : { ...ref, namespace };
}
