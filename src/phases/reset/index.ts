import { cleanupNode } from './cleanup-node.ts';
import { finishRun } from './finish-run.ts';
import type { ResetPhase } from './input.ts';
import { preflight } from './preflight.ts';
import { recordRun } from './record-run.ts';
import { removeEtcdMember } from './remove-etcd-member.ts';

/** The phases of `kubeadm reset`, in their order. */
export const resetPhases: readonly ResetPhase[] = [
  preflight,
  recordRun,
  removeEtcdMember,
  cleanupNode,
  finishRun,
];

/** What the whole command says at its end, also in a dry run. */
export const manualCleanupNote = `
kubeadm reset leaves the configuration of CNI plugins, the rules of network filters
and kubeconfig files (such as $HOME/.kube/config) as they are.

How to clean them up by hand:
    https://k8s.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/

`;
