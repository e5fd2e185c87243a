import { installEtcd } from '../../kubelet/control-plane-pods.ts';
import { manifestInput } from '../../manifests/manifest-input.ts';
import type { InitPhase } from './input.ts';

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
      run: async (config, host, { emit }) => {
        const { cluster, patches } = config;
        const { external, local } = cluster.etcd;
        if (external !== undefined || local === undefined) {
          emit({ type: 'detail', verbosity: 1, topic, message: 'etcd is external: no manifest is made' });
          return;
        }
        const input = await manifestInput(config, host);
        await installEtcd({ local, members: [] }, host, { input, patches, emit });
      },
    },
  ],
};
