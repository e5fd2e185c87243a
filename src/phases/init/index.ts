import type { KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import { listPhases } from '../../workflow/order.ts';
import type { OrderedPhase } from '../../workflow/phase.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { RunScope } from '../run-scope.ts';
import { addon } from './addon.ts';
import { bootstrapToken } from './bootstrap-token.ts';
import { certs } from './certs.ts';
import { controlPlane } from './control-plane.ts';
import { etcd } from './etcd.ts';
import { finishRun } from './finish-run.ts';
import type { InitInput } from './input.ts';
import { kubeconfig } from './kubeconfig.ts';
import { kubeletFinalize } from './kubelet-finalize.ts';
import { kubeletStart } from './kubelet-start.ts';
import { markControlPlane } from './mark-control-plane.ts';
import { preflight } from './preflight.ts';
import { recordRun } from './record-run.ts';
import { showJoinCommand } from './show-join-command.ts';
import { uploadCerts } from './upload-certs.ts';
import { uploadConfig } from './upload-config.ts';
import { waitControlPlane } from './wait-control-plane.ts';

/** Phases that only need the API server run while the other components start. Their time limits begin afterwards. */
const besideComponents = {
  after: ['wait-control-plane/api-server'],
  limitsAfter: ['wait-control-plane'],
} as const;

/**
 * The phases of `kubeadm init`, in order. A phase starts after the one before it, or after the phases in its `after`. The
 * kubelet is started while keys are still being generated.
 */
export const initPhases: readonly OrderedPhase<InitInput, Host, KubeadmEvent, PhaseFlag, RunScope>[] =
  listPhases([
    { phase: preflight },
    { phase: recordRun },
    { phase: certs },
    {
      phase: kubeconfig,
      after: ['certs/ca'],
      children: {
        admin: { after: ['certs'] },
        'super-admin': {},
        kubelet: { after: ['certs/ca'] },
        'controller-manager': {},
        scheduler: {},
      },
    },
    { phase: etcd, after: ['certs'], children: { local: {} } },
    {
      phase: controlPlane,
      after: ['etcd'],
      children: {
        apiserver: {},
        'controller-manager': { after: ['control-plane/apiserver', 'kubeconfig'] },
        scheduler: {},
      },
    },
    {
      phase: kubeletStart,
      after: ['record-run'],
      children: { unit: {}, start: { after: ['kubelet-start/unit', 'kubeconfig/kubelet'] } },
    },
    { phase: waitControlPlane, children: { 'api-server': {}, components: {} } },
    { phase: uploadConfig, ...besideComponents, children: { kubeadm: {}, kubelet: {} } },
    { phase: uploadCerts, ...besideComponents },
    { phase: markControlPlane, after: ['wait-control-plane'] },
    { phase: bootstrapToken, ...besideComponents },
    {
      phase: kubeletFinalize,
      after: ['wait-control-plane'],
      children: { 'enable-client-cert-rotation': {} },
    },
    {
      phase: addon,
      ...besideComponents,
      // CoreDNS dials the API server by its Service: without kube-proxy's rules that dial hangs for half a minute.
      children: { coredns: { after: ['addon/kube-proxy'] }, 'kube-proxy': { after: [] } },
    },
    { phase: showJoinCommand },
    { phase: finishRun },
  ]);
