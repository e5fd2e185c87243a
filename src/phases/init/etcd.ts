import type { LocalEtcd } from '../../config/hub.ts';
import type { Emit } from '../../events.ts';
import type { Host } from '../../host.ts';
import { installStaticPod } from '../../kubelet/static-pod.ts';
import { etcdPod } from '../../manifests/etcd.ts';
import { manifestsDir } from '../../names.ts';
import type { InitInput, InitPhase } from './input.ts';
import { manifestInput } from './manifest-input.ts';

const topic = 'etcd';

/** Source: cmd/kubeadm/app/cmd/phases/init/etcd.go. */
export const etcd: InitPhase = {
  name: 'etcd',
  short: 'Generate static Pod manifest file for local etcd',
  children: [
    {
      name: 'local',
      short: 'Generate the static Pod manifest file for a local, single-node local etcd instance',
      example: [
        '  # The manifest of etcd, with defaults',
        '  kubeadm init phase etcd local',
        '',
        '  # The manifest of etcd, from a configuration file',
        '  kubeadm init phase etcd local --config config.yaml',
      ].join('\n'),
      flags: ['cert-dir', 'config', 'dry-run', 'image-repository', 'patches'],
      run: async (input, host, { emit }) => {
        const local = input.cluster.etcd.local;
        if (input.cluster.etcd.external !== undefined || local === undefined) {
          emit({ type: 'detail', verbosity: 1, topic, message: 'etcd is external: no manifest is made' });
          return;
        }
        await installEtcd(local, { input, host, emit });
      },
    },
  ],
};

async function installEtcd(
  local: LocalEtcd,
  run: { readonly input: InitInput; readonly host: Host; readonly emit: Emit },
): Promise<void> {
  const { input, host, emit } = run;
  await host.files.makeDirectory(local.dataDir, 0o700);
  const from = await manifestInput(input, host);
  const pod = etcdPod(from, local);
  await installStaticPod(pod, host, {
    input: from,
    patches: input.patches,
    emit,
  });
  emit({ type: 'manifest-written', component: 'etcd', directory: manifestsDir });
}
