/** The objects and answers that a dry run of each command makes up, because nothing real can answer yet. */
import type { KubeObject } from '../../clients/kube/kube-client.ts';
import type { HttpResponse } from '../../host.ts';
import { clusterAdminsBinding, hostnameLabel } from '../../names.ts';

export interface MadeUp {
  /** Objects by kind and name. They are looked for before the cluster is asked. */
  readonly objects: Readonly<Record<string, (name: string) => KubeObject | undefined>>;
  /** The answer of the API server for every path. It defaults to the answer of the cluster. */
  readonly answer?: HttpResponse;
  /** Whether the dry run reports reads of the API, too, as upstream does. */
  readonly showsReads: boolean;
}

/** A Node that only has the label that init waits for (app/util/apiclient/dryrun.go). */
function nodeOf(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { [hostnameLabel]: name } } };
}

/** The group of admin.conf counts as bound, because upstream's dry run skips the binding. */
function boundAdministrators(name: string): KubeObject | undefined {
  if (name !== clusterAdminsBinding) return undefined;
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name } };
}

export const madeUp = {
  init: {
    objects: { Node: nodeOf, ClusterRoleBinding: boundAdministrators },
    answer: { status: 200, body: 'ok' },
    showsReads: true,
  },
  reset: { objects: {}, showsReads: false },
  token: { objects: {}, showsReads: true },
} as const satisfies Readonly<Record<string, MadeUp>>;
