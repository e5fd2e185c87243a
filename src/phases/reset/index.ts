import type { KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import { listPhases } from '../../workflow/order.ts';
import type { OrderedPhase } from '../../workflow/phase.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import { cleanupNode } from './cleanup-node.ts';
import { finishRun } from './finish-run.ts';
import type { ResetInput } from './input.ts';
import { preflight } from './preflight.ts';
import { proveAbsence } from './prove-absence.ts';
import { recordRun } from './record-run.ts';
import { removeEtcdMember } from './remove-etcd-member.ts';
import { removeLeftovers } from './remove-leftovers.ts';

type ResetPhases = readonly OrderedPhase<ResetInput, Host, KubeadmEvent, PhaseFlag>[];

/** The phases of `kubeadm reset`, in order. Each starts after the one before it has ended. */
export const resetPhases: ResetPhases = listPhases([
  { phase: preflight },
  { phase: recordRun },
  { phase: removeEtcdMember },
  { phase: cleanupNode },
  { phase: finishRun },
]);

/** The phases of `kubeadm reset --all`, in order. */
export const resetAllPhases: ResetPhases = listPhases([
  { phase: preflight },
  { phase: recordRun },
  { phase: removeEtcdMember },
  { phase: cleanupNode },
  { phase: removeLeftovers },
  { phase: proveAbsence },
  { phase: finishRun },
]);

/** The text at the end of the whole command, also in a dry run. */
export const manualCleanupNote = `
kubeadm reset leaves the configuration of CNI plugins, the rules of network filters
and kubeconfig files (such as $HOME/.kube/config) as they are.

How to clean them up by hand:
    https://k8s.io/docs/reference/setup-tools/kubeadm/kubeadm-reset/

`;
