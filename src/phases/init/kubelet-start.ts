import { featureEnabled } from '../../config/hub.ts';
import { readUnit } from '../../kubelet/service.ts';
import { writeSettingsAndStartKubelet } from '../../kubelet/start.ts';
import type { InitPhase } from './input.ts';

/** Reading the units can take longer than all the rest and needs nothing, so it runs before the credentials exist. */
const unit: InitPhase = {
  name: 'unit',
  short: 'Read the unit of the kubelet again',
  hidden: true,
  run: async (_input, host, context) => await readUnit(host.services, context),
};

const start: InitPhase = {
  name: 'start',
  short: 'Write the settings of the kubelet and (re)start it',
  hidden: true,
  run: async ({ cluster, init, kubelet, patches, release }, host, context) => {
    const settings = {
      node: init.nodeRegistration,
      configuration: kubelet.data,
      patches,
      release,
      socketInFile: featureEnabled(cluster, 'NodeLocalCRISocket'),
      registerTaints: false,
      hasStaticPods: true,
    };
    await writeSettingsAndStartKubelet(host, settings, context);
  },
};

/** Source: cmd/kubeadm/app/cmd/phases/init/kubelet.go. */
export const kubeletStart: InitPhase = {
  name: 'kubelet-start',
  short: 'Write the settings of the kubelet and (re)start it',
  long: 'Write a file with KubeletConfiguration and an environment file with settings of this node, then (re)start the kubelet.',
  flags: ['config', 'cri-socket', 'dry-run', 'image-repository', 'node-name', 'patches'],
  children: [unit, start],
};
