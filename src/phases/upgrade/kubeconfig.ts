import { useLocalServer } from '../../kubeconfig/kubelet-server.ts';
import { startKubelet } from '../../kubelet/service.ts';
import type { UpgradePhase } from './input.ts';

/** Source: cmd/phases/upgrade/{apply,node}/kubeconfig.go. */
export const kubeconfig: UpgradePhase = {
  name: 'kubeconfig',
  short: 'Upgrade kubeconfig files for this node',
  hidden: true,
  shownAs: 'kubelet-config',
  flags: ['config', 'dry-run', 'kubeconfig'],
  run: async (input, host, { emit, signal }) => {
    if (!input.isControlPlane) return;
    const server = await useLocalServer(host.files, input, emit);
    // An earlier try may have changed the file, and not restarted the kubelet.
    const mayBeOld = server === 'local' && input.unfinished !== undefined;
    if (server === 'changed' || mayBeOld) await startKubelet(host.services, { emit, signal });
  },
};
