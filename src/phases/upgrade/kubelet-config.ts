import { removeCriSocketAnnotation } from '../../cluster/cri-socket-annotation.ts';
import { featureEnabled } from '../../config/hub.ts';
import {
  backUpKubeletConfiguration,
  upgradeKubeletConfiguration,
} from '../../kubelet/upgrade-configuration.ts';
import { upgradeApi } from './connect.ts';
import type { UpgradePhase } from './input.ts';

/** A dry run replaces no file. */
const backUp: UpgradePhase = {
  name: 'back-up',
  short: 'Keep the earlier configuration of the kubelet',
  hidden: true,
  inDryRun: 'skip',
  run: async ({ backups }, host, { emit }) => await backUpKubeletConfiguration(host, backups.kubelet, emit),
};

const write: UpgradePhase = {
  name: 'write',
  short: 'Write the configuration of the kubelet',
  hidden: true,
  run: async (input, host, context) => {
    const { cluster, init, kubelet, patches, release, unfinished } = input;
    const socketInFile = featureEnabled(cluster, 'NodeLocalCRISocket');
    const { criSocket, name } = init.nodeRegistration;
    const isResumed = unfinished !== undefined;
    const settings = { configuration: kubelet.data, patches, release, socketInFile, criSocket, isResumed };
    await upgradeKubeletConfiguration(host, settings, context);
    if (socketInFile) {
      const { client, policy } = await upgradeApi(input, host, context);
      await removeCriSocketAnnotation(client, name, policy);
    }
    const message = 'The kubelet configuration for this node was successfully upgraded!';
    context.emit({ type: 'progress', topic: 'upgrade/kubelet-config', message });
  },
};

/** Source: cmd/phases/upgrade/kubeletconfig.go. */
export const kubeletConfig: UpgradePhase = {
  name: 'kubelet-config',
  short: 'Upgrade the kubelet configuration for this node',
  long: 'Upgrade the kubelet configuration for this node to that of ConfigMap kubelet-config in the cluster.',
  flags: ['config', 'dry-run', 'kubeconfig', 'patches'],
  children: [backUp, write],
};
