import type { ClusterConfiguration } from '../../config/hub.ts';
import type { Emit } from '../../events.ts';
import { installStaticPod } from '../../kubelet/static-pod.ts';
import { authorizationModeFindings, kubeApiserverPod } from '../../manifests/kube-apiserver.ts';
import { kubeControllerManagerPod } from '../../manifests/kube-controller-manager.ts';
import { kubeSchedulerPod } from '../../manifests/kube-scheduler.ts';
import type { Pod } from '../../manifests/pod.ts';
import type { ManifestInput } from '../../manifests/static-pod.ts';
import { manifestsDir } from '../../names.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { InitPhase } from './input.ts';
import { manifestInput } from './manifest-input.ts';

const commonFlags: readonly PhaseFlag[] = [
  'cert-dir',
  'config',
  'dry-run',
  'image-repository',
  'kubernetes-version',
  'patches',
];
const apiServerFlags: readonly PhaseFlag[] = [
  'apiserver-advertise-address',
  'apiserver-bind-port',
  'apiserver-extra-args',
  'control-plane-endpoint',
  'feature-gates',
  'service-cidr',
];
const controllerManagerFlags: readonly PhaseFlag[] = ['controller-manager-extra-args', 'pod-network-cidr'];
const schedulerFlags: readonly PhaseFlag[] = ['scheduler-extra-args'];

/** Source: cmd/kubeadm/app/cmd/phases/init/controlplane.go. */
export const controlPlane: InitPhase = {
  name: 'control-plane',
  short: 'Generate all static Pod manifest files necessary to establish the control plane',
  allFlags: [...commonFlags, ...apiServerFlags, ...controllerManagerFlags, ...schedulerFlags].toSorted(),
  run: async (_input, _host, { emit }) => {
    emit({ type: 'manifests-directory', directory: manifestsDir });
  },
  children: [
    component({
      name: 'apiserver',
      short: 'Generate the kube-apiserver static Pod manifest',
      flags: apiServerFlags,
      makePod: kubeApiserverPod,
      check: warnOfAuthorizationMode,
    }),
    component({
      name: 'controller-manager',
      short: 'Generate the kube-controller-manager static Pod manifest',
      flags: controllerManagerFlags,
      makePod: kubeControllerManagerPod,
    }),
    component({
      name: 'scheduler',
      short: 'Generate the kube-scheduler static Pod manifest',
      flags: schedulerFlags,
      makePod: kubeSchedulerPod,
    }),
  ],
};

interface Component {
  readonly name: string;
  readonly short: string;
  readonly flags: readonly PhaseFlag[];
  readonly makePod: (input: ManifestInput) => Pod;
  readonly check?: (cluster: ClusterConfiguration, emit: Emit) => void;
}

function component({ name, short, flags, makePod, check }: Component): InitPhase {
  return {
    name,
    short,
    flags: [...commonFlags, ...flags].toSorted(),
    run: async (input, host, { emit }) => {
      const from = await manifestInput(input, host);
      const pod = makePod(from);
      check?.(input.cluster, emit);
      await installStaticPod(pod, host, {
        input: from,
        patches: input.patches,
        emit,
      });
      emit({ type: 'manifest-written', component: pod.metadata.name, directory: manifestsDir });
    },
  };
}

function warnOfAuthorizationMode(cluster: ClusterConfiguration, emit: Emit): void {
  const { unknown, unusual } = authorizationModeFindings(cluster);
  for (const mode of unknown) {
    const message = `kube-apiserver knows no authorization-mode "${mode}"`;
    emit({ type: 'warning', code: 'authorization-mode-unknown', message });
  }
  if (unusual !== undefined) {
    const message = `the default kube-apiserver authorization-mode is "Node,RBAC"; using "${unusual}"`;
    emit({ type: 'warning', code: 'authorization-mode-unusual', message });
  }
}
