import type { KubeadmEvent } from '../../../events.ts';
import type { Host } from '../../../host.ts';
import { listPhases } from '../../../workflow/order.ts';
import type { OrderedPhase } from '../../../workflow/phase.ts';
import type { PhaseFlag } from '../../phase-flag.ts';
import type { RunScope } from '../../run-scope.ts';
import { addon } from '../addon.ts';
import { controlPlane } from '../control-plane.ts';
import { finishRun } from '../finish-run.ts';
import type { UpgradeInput } from '../input.ts';
import { kubeconfig } from '../kubeconfig.ts';
import { kubeletConfig } from '../kubelet-config.ts';
import { postUpgrade } from '../post-upgrade.ts';
import { recordRun } from '../record-run.ts';
import { preflight } from './preflight.ts';

/** The phases of `kubeadm upgrade node`, in order. */
export const nodePhases: readonly OrderedPhase<UpgradeInput, Host, KubeadmEvent, PhaseFlag, RunScope>[] =
  listPhases([
    { phase: preflight },
    { phase: recordRun },
    { phase: controlPlane, children: { show: {}, swap: {}, registered: {} } },
    { phase: kubeconfig, after: ['control-plane/show', 'control-plane/swap'] },
    { phase: kubeletConfig, after: ['kubeconfig'], children: { 'back-up': {}, write: {} } },
    { phase: addon, after: ['control-plane'], children: { coredns: {}, 'kube-proxy': { after: [] } } },
    { phase: postUpgrade },
    { phase: finishRun },
  ]);
