import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { KubeApiError, KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { at } from '../lib/is-record.ts';
import { retryApiCall } from './apply.ts';

export interface NameCheck {
  readonly nodeName: string;
  /** The time limit for an API server that does not answer. */
  readonly timeoutMs: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Refuses a name that a Ready Node of the cluster has.
 * Source: cmd/phases/join/kubelet.go.
 *
 * @throws KubeadmError `refused` if the name is taken; `timeout`; `kube-api`
 */
export async function refuseTakenName(
  host: Pick<Host, 'clock'>,
  client: KubeClient,
  { emit, nodeName, signal, timeoutMs }: NameCheck,
): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Node', name: nodeName };
  const isAnswer = (error: unknown): boolean =>
    error instanceof KubeApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
  const policy = { clock: host.clock, emit, signal, timeoutMs };
  let node: KubeObject;
  try {
    node = await retryApiCall(`Node ${nodeName}`, policy, () => client.get(ref, { signal }), isAnswer);
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return;
    if (error instanceof KubeApiError && error.status === 403) throw mayNotRead(error, nodeName);
    throw error;
  }
  if (!isReady(node)) return;
  throw new KubeadmError(
    'refused',
    `a Node with name "${nodeName}" and status "Ready" already exists in the cluster`,
    {
      hint:
        `If that machine is gone, delete its Node: 'kubectl delete node ${nodeName}'. A Node stays Ready for about a minute ` +
        'after its kubelet has stopped. Otherwise give this machine another name with --node-name.',
      details: { nodeName },
    },
  );
}

function mayNotRead(error: KubeApiError, nodeName: string): KubeadmError {
  const message = `cannot read whether the cluster has a Node "${nodeName}": ${error.message}`;
  return new KubeadmError('kube-api', message, {
    cause: error,
    hint:
      'The ClusterRole kubeadm:get-nodes or its ClusterRoleBinding may be missing: ' +
      "'kubeadm init phase bootstrap-token' on a control plane creates both.",
    details: { status: error.status },
  });
}

function isReady({ status }: KubeObject): boolean {
  const conditions = at(status, 'conditions');
  return (
    Array.isArray(conditions) &&
    conditions.some((condition) => at(condition, 'type') === 'Ready' && at(condition, 'status') === 'True')
  );
}
