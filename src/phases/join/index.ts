import type { KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import { listPhases } from '../../workflow/order.ts';
import type { OrderedPhase } from '../../workflow/phase.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import { checkEtcd } from './check-etcd.ts';
import { controlPlaneJoin } from './control-plane-join.ts';
import { controlPlanePrepare } from './control-plane-prepare.ts';
import { etcdJoin } from './etcd-join.ts';
import { finishRun } from './finish-run.ts';
import type { JoinInput } from './input.ts';
import { kubeletStart } from './kubelet-start.ts';
import { kubeletWaitBootstrap } from './kubelet-wait-bootstrap.ts';
import { preflight } from './preflight.ts';
import { recordRun } from './record-run.ts';
import { reportJoined } from './report-joined.ts';
import type { JoinScope } from './scope.ts';
import { waitControlPlane } from './wait-control-plane.ts';

/**
 * The phases of `kubeadm join`, in order. A phase starts after the one before it, or after the phases in its `after`. The
 * images are pulled while the certificates of a control plane are made. Its kubelet starts meanwhile, and runs the static
 * Pods before it has a certificate of its own. The unit of the kubelet is read during the discovery.
 */
export const joinPhases: readonly OrderedPhase<JoinInput, Host, KubeadmEvent, PhaseFlag, JoinScope>[] =
  listPhases([
    { phase: preflight, children: { machine: {}, cluster: {}, images: {} } },
    { phase: recordRun, after: ['preflight/cluster'] },
    {
      phase: controlPlanePrepare,
      after: ['record-run'],
      children: { 'download-certs': {}, certs: {}, kubeconfig: {}, 'control-plane': {} },
    },
    { phase: checkEtcd, after: ['control-plane-prepare/kubeconfig'] },
    {
      phase: kubeletStart,
      after: ['preflight/machine'],
      // The downloaded files and those of the kubelet include the certificate of the same CA.
      children: {
        unit: {},
        start: {
          after: ['kubelet-start/unit', 'preflight', 'record-run', 'control-plane-prepare/download-certs'],
        },
      },
    },
    // Everything is in place for the member, so that it gets to vote as soon as possible.
    { phase: etcdJoin },
    // The kubelet of a control plane gets its certificate from the API server of its own machine, which needs etcd.
    { phase: kubeletWaitBootstrap, after: ['kubelet-start'], limitsAfter: ['etcd-join'] },
    { phase: controlPlaneJoin },
    { phase: waitControlPlane, after: ['etcd-join'] },
    { phase: finishRun, after: ['control-plane-join', 'wait-control-plane'] },
    { phase: reportJoined },
  ]);
