import { featureEnabled } from '../../config/hub.ts';
import type { ResetInput } from './input.ts';

/** Whether the control plane of this node runs without root, as the cluster or a reset that did not end says. */
export function isRootless({ cluster, unfinished }: Pick<ResetInput, 'cluster' | 'unfinished'>): boolean {
  if (cluster === undefined) return unfinished?.rootless ?? false;
  return featureEnabled(cluster.configuration, 'RootlessControlPlane');
}
