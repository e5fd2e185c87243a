import { addon } from './addon.ts';
import { bootstrapToken } from './bootstrap-token.ts';
import { certs } from './certs.ts';
import { controlPlane } from './control-plane.ts';
import { etcd } from './etcd.ts';
import { finishRun } from './finish-run.ts';
import { kubeconfig } from './kubeconfig.ts';
import { kubeletFinalize } from './kubelet-finalize.ts';
import { kubeletStart } from './kubelet-start.ts';
import { markControlPlane } from './mark-control-plane.ts';
import type { InitPhase } from './phase.ts';
import { preflight } from './preflight.ts';
import { recordRun } from './record-run.ts';
import { showJoinCommand } from './show-join-command.ts';
import { uploadCerts } from './upload-certs.ts';
import { uploadConfig } from './upload-config.ts';
import { waitControlPlane } from './wait-control-plane.ts';

/** What `kubeadm init` does, in order. */
export const initPhases: readonly InitPhase[] = [
  preflight,
  recordRun,
  certs,
  kubeconfig,
  etcd,
  controlPlane,
  kubeletStart,
  waitControlPlane,
  uploadConfig,
  uploadCerts,
  markControlPlane,
  bootstrapToken,
  kubeletFinalize,
  addon,
  showJoinCommand,
  finishRun,
];
