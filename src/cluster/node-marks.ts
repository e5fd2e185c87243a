import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { waitFor } from '../clients/kube/wait-for.ts';
import type { Taint } from '../config/hub.ts';
import { KubeadmError } from '../errors.ts';
import { isRecord } from '../lib/is-record.ts';
import { RetryTimeout } from '../lib/retry.ts';
import { controlPlaneLabel, excludeFromLoadBalancersLabel, hostnameLabel } from '../names.ts';
import { type RetryPolicy, retryApiCall } from './apply.ts';

/** The labels of every control plane node. Their values are empty. */
export const controlPlaneLabels = [controlPlaneLabel, excludeFromLoadBalancersLabel] as const;

export interface NodeMarks {
  readonly labels: readonly string[];
  /** These come before the taints that the Node has. */
  readonly taints: readonly Taint[];
}

/**
 * Adds labels and taints to a Node as soon as the kubelet has registered it and it has its hostname label.
 * Every error is retried. Source: util/apiclient PatchNode, phases/markcontrolplane.
 *
 * @returns false if the Node exists but did not get its hostname label; then the Node is not changed
 */
export async function markNode(
  client: KubeClient,
  name: string,
  marks: NodeMarks,
  policy: RetryPolicy,
): Promise<boolean> {
  const ref = { apiVersion: 'v1', kind: 'Node', name };
  const { signal } = policy;
  let unlabelled = false;
  const start = policy.clock.monotonic();
  const labelled = (node: KubeObject | undefined): KubeObject | undefined => {
    const ready = node?.metadata.labels?.[hostnameLabel] !== undefined;
    unlabelled = node !== undefined && !ready;
    return ready ? node : undefined;
  };
  const missing = (): string =>
    unlabelled ? `its label ${hostnameLabel} is not there yet` : `nodes "${name}" not found`;
  const watched = async (timeoutMs: number): Promise<KubeObject> => {
    const query = { apiVersion: 'v1', kind: 'Node', fieldSelector: `metadata.name=${name}` };
    const options = { ...policy, timeoutMs, what: `Node ${name}`, missing };
    return await waitFor(client, query, ([node]) => labelled(node), options).catch((error: unknown) => {
      throw error instanceof RetryTimeout ? error.cause : error;
    });
  };
  const attempt = async (tries: number): Promise<boolean> => {
    unlabelled = false;
    // The time limit of the policy may have begun later, so other looks can follow the watch.
    const left = policy.timeoutMs - (policy.clock.monotonic() - start);
    const isWatched = tries > 1 && left > 0;
    const node = isWatched ? await watched(left) : labelled(await client.get(ref, { signal }));
    if (node === undefined) throw new KubeadmError('kube-api', missing());
    await client.patch(ref, 'strategic', nodePatch(node, marks), { signal });
    return true;
  };
  try {
    return await retryApiCall(`Node ${name} to be marked`, policy, attempt, () => false);
  } catch (error) {
    if (unlabelled && error instanceof KubeadmError && error.code === 'timeout') return false;
    throw error;
  }
}

/** Returns a strategic merge patch. `taints` is an atomic list, so the patch has either all taints or no such field. */
export function nodePatch(node: KubeObject, marks: NodeMarks): Readonly<Record<string, unknown>> {
  const labels = marks.labels.filter((label) => node.metadata.labels?.[label] !== '');
  const before = existingTaints(node);
  const wanted = marks.taints.map(plainTaint);
  const taints = [...wanted, ...before.filter((taint) => !wanted.some((other) => sameTaint(taint, other)))];
  const unchanged =
    taints.length === before.length && taints.every((taint, at) => sameTaint(taint, before[at] ?? {}));
  return {
    ...(labels.length === 0
      ? {}
      : { metadata: { labels: Object.fromEntries(labels.map((label) => [label, ''])) } }),
    ...(unchanged ? {} : { spec: { taints } }),
  };
}

type TaintData = Readonly<Record<string, unknown>>;

function existingTaints(node: KubeObject): readonly TaintData[] {
  const { spec } = node;
  const taints = isRecord(spec) ? spec.taints : undefined;
  return Array.isArray(taints) ? taints.filter(isRecord) : [];
}

function plainTaint({ key, value, effect }: Taint): TaintData {
  return value === undefined || value === '' ? { key, effect } : { key, value, effect };
}

function sameTaint(a: TaintData, b: TaintData): boolean {
  return ['key', 'value', 'effect', 'timeAdded'].every((field) => (a[field] ?? '') === (b[field] ?? ''));
}

/** Returns `key=value:effect`, the form of kubectl. */
export function formatTaint({ key, value, effect }: Taint): string {
  const left = value === undefined || value === '' ? key : `${key}=${value}`;
  return effect === '' ? left : `${left}:${effect}`;
}
