import { featureEnabled } from '../../config/hub.ts';
import type { ResetInput } from './input.ts';

/** Whether this node's control plane runs without root, according to the cluster or a reset that did not end. */
export function isRootless({ cluster, unfinished }: Pick<ResetInput, 'cluster' | 'unfinished'>): boolean {
  if (cluster === undefined) return unfinished?.rootless ?? false;
  return featureEnabled(cluster.configuration, 'RootlessControlPlane');
}
