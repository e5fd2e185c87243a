import type { Host } from '../../host.ts';
import { ensureKubeconfig } from '../../kubeconfig/ensure.ts';
import { type KubeconfigSpec, kubeconfigs } from '../../kubeconfig/table.ts';
import { joinPath } from '../../lib/join-path.ts';
import { kubernetesDir } from '../../names.ts';
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
  run: async (input, host, { emit }) => {
    emit({ type: 'kubeconfig-directory', directory: host.dryRunDirectory ?? input.paths.kubeconfigDir });
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
        if (host.dryRunDirectory !== undefined) await copyForDryRun(host, spec.file, directory);
      } else {
        await ensureKubeconfig(host, { input, spec, directory }, emit);
      }
    },
  };
}

async function copyForDryRun({ files }: Host, file: string, directory: string): Promise<void> {
  const given = await files.read(joinPath(kubernetesDir, file));
  await files.write(joinPath(directory, file), given, { mode: 0o600, directoryMode: 0o755 });
}
