/** What a dry run makes up, because nothing real can answer it: all of it stands here. */
import type { KubeObject } from '../../clients/kube/kube-client.ts';
import { hostnameLabel } from '../../names.ts';

/** A Node that only has the label that init waits for (app/util/apiclient/dryrun.go). */
export function madeUpNode(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { [hostnameLabel]: name } } };
}

/** The API server always answers, and is well. */
export const healthyAnswer = { status: 200, body: 'ok' } as const;
