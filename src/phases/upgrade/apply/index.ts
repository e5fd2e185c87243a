import type { KubeadmEvent } from '../../../events.ts';
import type { Host } from '../../../host.ts';
import { listPhases } from '../../../workflow/order.ts';
import type { OrderedPhase } from '../../../workflow/phase.ts';
import type { PhaseFlag } from '../../phase-flag.ts';
import type { RunScope } from '../../run-scope.ts';
import { addon } from '../addon.ts';
import { controlPlane } from '../control-plane.ts';
import { finishRun } from '../finish-run.ts';
import type { ApplyInput } from '../input.ts';
import { kubeconfig } from '../kubeconfig.ts';
import { kubeletConfig } from '../kubelet-config.ts';
import { postUpgrade } from '../post-upgrade.ts';
import { recordRun } from '../record-run.ts';
import { bootstrapToken } from './bootstrap-token.ts';
import { preflight } from './preflight.ts';
import { uploadConfig } from './upload-config.ts';

/** Phases that only need the new API server run while the kubelet registers the new static Pods. */
const besideRegistration = { after: ['control-plane/show', 'control-plane/swap'] } as const;

/** The phases of `kubeadm upgrade apply`, in order. */
export const applyPhases: readonly OrderedPhase<ApplyInput, Host, KubeadmEvent, PhaseFlag, RunScope>[] =
  listPhases([
    { phase: preflight },
    { phase: recordRun },
    { phase: controlPlane, children: { show: {}, swap: {}, registered: {} } },
    { phase: uploadConfig, ...besideRegistration, children: { kubeadm: {}, kubelet: {} } },
    { phase: kubeconfig, ...besideRegistration },
    { phase: kubeletConfig, after: ['kubeconfig', 'upload-config'], children: { 'back-up': {}, write: {} } },
    { phase: bootstrapToken, ...besideRegistration },
    {
      phase: addon,
      after: ['control-plane', 'upload-config'],
      children: { coredns: {}, 'kube-proxy': { after: [] } },
    },
    { phase: postUpgrade },
    { phase: finishRun },
  ]);
