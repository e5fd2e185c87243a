import { installComponent } from '../../kubelet/control-plane-pods.ts';
import type { ControlPlaneComponent } from '../../manifests/control-plane.ts';
import { manifestInput } from '../../manifests/manifest-input.ts';
import { manifestsDir } from '../../names.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { InitPhase } from './input.ts';

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
    manifest('kube-apiserver', {
      name: 'apiserver',
      short: 'Generate the kube-apiserver static Pod manifest',
      flags: apiServerFlags,
    }),
    manifest('kube-controller-manager', {
      name: 'controller-manager',
      short: 'Generate the kube-controller-manager static Pod manifest',
      flags: controllerManagerFlags,
    }),
    manifest('kube-scheduler', {
      name: 'scheduler',
      short: 'Generate the kube-scheduler static Pod manifest',
      flags: schedulerFlags,
    }),
  ],
};

function manifest(
  component: ControlPlaneComponent,
  { flags, name, short }: Required<Pick<InitPhase, 'flags' | 'name' | 'short'>>,
): InitPhase {
  return {
    name,
    short,
    flags: [...commonFlags, ...flags].toSorted(),
    run: async (config, host, { emit }) => {
      const { patches } = config;
      const input = await manifestInput(config, host);
      await installComponent(component, host, { input, patches, emit });
    },
  };
}
