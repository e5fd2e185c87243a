import { KubeadmError } from '../../errors.ts';
import type { JoinPhase } from './input.ts';

/** Does nothing on a worker. @throws KubeadmError `not-implemented` on a control plane */
export const notBuilt: NonNullable<JoinPhase['run']> = async ({ join }) => {
  if (join.controlPlane === undefined) return;
  throw new KubeadmError('not-implemented', 'this kubeadm cannot join a control plane yet', {
    hint: "Use upstream's kubeadm of the same version for control planes.",
  });
};
