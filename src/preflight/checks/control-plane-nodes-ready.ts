import type { KubeClient, KubeObject } from '../../clients/kube/kube-client.ts';
import { at, isRecord } from '../../lib/is-record.ts';
import { controlPlaneLabel } from '../../names.ts';
import { type Check, fail, passed } from '../check.ts';

/** Source: phases/upgrade/health.go, controlPlaneNodesReady. */
export function controlPlaneNodesReady(client: KubeClient, signal: AbortSignal): Check {
  return {
    name: 'ControlPlaneNodesReady',
    check: async () => {
      const labelSelector = `${controlPlaneLabel}=`;
      const { items } = await client.list('v1', 'Node', { labelSelector, signal });
      const unready = items.filter(isUnready).map(({ metadata }) => metadata.name);
      if (unready.length === 0) return passed;
      return fail(`there are NotReady control-planes in the cluster: ${unready.join(', ')}`);
    },
  };
}

function isUnready(node: KubeObject): boolean {
  const conditions = at(node, 'status', 'conditions');
  const list = Array.isArray(conditions) ? conditions.filter(isRecord) : [];
  return list.some(({ status, type }) => type === 'Ready' && status !== 'True');
}
