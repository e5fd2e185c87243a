/** The Node of this machine in the API, as its own kubelet may read it. */

import { readNodeName } from '../../cluster/this-node.ts';
import { KubeApiError } from '../../errors.ts';
import type { Host } from '../../host.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { isRecord } from '../../lib/is-record.ts';
import { redact } from '../../lib/redact.ts';
import { kubeletConf, kubernetesDir } from '../../names.ts';
import type { NodeFacts } from '../facts.ts';

const timeoutMs = 3_000;

/** Undefined if the API server does not tell. */
export async function gatherNode(
  host: Pick<Host, 'files' | 'net' | 'kube' | 'clock'>,
  signal: AbortSignal,
): Promise<NodeFacts | undefined> {
  const stop = new AbortController();
  const late = host.clock.sleep(timeoutMs, stop.signal).then(() => stop.abort(new Error('no answer')));
  const own = AbortSignal.any([signal, stop.signal]);
  try {
    const kubeconfig = await loadKubeconfig(host, `${kubernetesDir}/${kubeletConf}`);
    const name = await readNodeName(host, { emit: () => undefined, signal: own });
    const client = host.kube(kubeconfig);
    try {
      const node = await client.get({ apiVersion: 'v1', kind: 'Node', name }, { signal: own });
      return { name, exists: true, problems: problemsOf(node.status) };
    } catch (error) {
      const isMissing = error instanceof KubeApiError && error.reason === 'NotFound';
      return isMissing ? { name, exists: false, problems: [] } : undefined;
    } finally {
      client.close();
    }
  } catch {
    return undefined;
  } finally {
    stop.abort();
    await late;
  }
}

/** Ready must be True, and every other condition False. */
function problemsOf(status: unknown): NodeFacts['problems'] {
  const conditions = isRecord(status) && Array.isArray(status.conditions) ? status.conditions : [];
  return conditions.filter(isRecord).flatMap((condition) => {
    const type = String(condition.type);
    if (condition.status === (type === 'Ready' ? 'True' : 'False')) return [];
    const since = Date.parse(String(condition.lastTransitionTime));
    return {
      type,
      reason: String(condition.reason ?? ''),
      message: redact(String(condition.message ?? '')),
      ...(Number.isNaN(since) ? {} : { since }),
    };
  });
}
