import { ensureKubeconfig } from '../../kubeconfig/ensure.ts';
import { type KubeconfigSpec, kubeconfigs } from '../../kubeconfig/table.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { InitPhase } from './input.ts';

const flags: readonly PhaseFlag[] = [
  'apiserver-advertise-address',
  'apiserver-bind-port',
  'cert-dir',
  'config',
  'control-plane-endpoint',
  'dry-run',
  'kubeconfig-dir',
  'kubernetes-version',
];
const kubeletFlags: readonly PhaseFlag[] = [...flags, 'node-name'];

/** Source: cmd/kubeadm/app/cmd/phases/init/kubeconfig.go. */
export const kubeconfig: InitPhase = {
  name: 'kubeconfig',
  short:
    'Generate all kubeconfig files necessary to establish the control plane and the admin kubeconfig file',
  allFlags: kubeletFlags,
  run: async (input, _host, { emit }) => {
    emit({ type: 'kubeconfig-directory', directory: input.paths.kubeconfigDir });
  },
  children: kubeconfigs.map(kubeconfigPhase),
};

function kubeconfigPhase(spec: KubeconfigSpec): InitPhase {
  return {
    name: spec.name,
    short: `Generate a kubeconfig file for ${spec.longName}`,
    long:
      `Generate a kubeconfig file for ${spec.longName}, and save it in ${spec.file}.\n\n` +
      'A file that is there is kept when it trusts the authority of this cluster, else it is refused.',
    flags: spec.name === 'kubelet' ? kubeletFlags : flags,
    run: async (input, host, { emit }) => {
      const directory = input.paths.kubeconfigDir;
      if (input.externalCA) {
        emit({ type: 'kubeconfig-skipped', file: spec.file });
      } else {
        await ensureKubeconfig(host, { input, spec, directory }, emit);
      }
    },
  };
}
