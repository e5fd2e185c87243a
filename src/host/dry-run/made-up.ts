/** The objects and answers that a dry run of each command makes up, because nothing real can answer yet. */
import type { KubeObject, ObjectRef } from '../../clients/kube/kube-client.ts';
import type { HttpResponse } from '../../host.ts';
import { clusterAdminsBinding, etcdClientUrlsAnnotation, hostnameLabel, ports } from '../../names.ts';
import { madeUpObject, madeUpServer } from './made-up-cluster.ts';

export interface MadeUp {
  /** Objects by kind and name. They are looked for before the cluster is asked. */
  readonly objects: Readonly<Record<string, (name: string) => KubeObject | undefined>>;
  /** Objects by kind and name that the cluster does not have. */
  readonly missing?: Readonly<Record<string, (name: string) => KubeObject>>;
  /** The cluster that stands in for a server that does not answer. */
  readonly cluster?: MadeUpCluster;
  /** Objects by kind, for a list that would be empty otherwise. */
  readonly items?: Readonly<Record<string, readonly KubeObject[]>>;
  /** Whether etcd is not asked, and is taken for healthy; defaults to false. */
  readonly etcd?: boolean;
  /** Objects that the cluster has from the start. */
  readonly seed?: readonly KubeObject[];
  /** The answer of the API server for every path. It defaults to the answer of the cluster. */
  readonly answer?: HttpResponse;
  /** The state of new objects by kind, as a controller of the cluster would set it. */
  readonly states?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Whether the dry run reports reads of the API, too, as upstream does. */
  readonly showsReads: boolean;
  /**
   * Whether the phases see that the API server refuses a read, for example with credentials that have expired; defaults to
   * false, and then the object counts as one that does not exist.
   */
  readonly showsRefusals?: boolean;
}

export interface MadeUpCluster {
  /** The URL of its API server, which is never asked. */
  readonly server: string;
  readonly find: (ref: ObjectRef) => KubeObject | undefined;
}

/** A Node that only has the label that init waits for (app/util/apiclient/dryrun.go). */
function nodeOf(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { [hostnameLabel]: name } } };
}

/** A member of etcd that joins finds the others by their Pods. */
const etcdPod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'etcd-control-plane',
    namespace: 'kube-system',
    labels: { component: 'etcd', tier: 'control-plane' },
    annotations: { [etcdClientUrlsAnnotation]: `https://192.168.0.101:${ports.etcdClient}` },
  },
};

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
  join: {
    objects: {},
    missing: { Node: nodeOf },
    cluster: { server: madeUpServer, find: madeUpObject },
    items: { Pod: [etcdPod] },
    etcd: true,
    showsReads: true,
    showsRefusals: true,
  },
  reset: { objects: {}, showsReads: false },
  token: { objects: {}, showsReads: true },
  upgrade: {
    objects: {},
    // The check of the cluster's health waits for the end of a Job.
    states: { Job: { conditions: [{ type: 'Complete', status: 'True' }] } },
    showsReads: true,
  },
} as const satisfies Readonly<Record<string, MadeUp>>;
