import { featureEnabled } from '../../config/hub.ts';
import {
  instanceConfiguration,
  isResolvedActive,
  kubeletConfiguration,
  resolvConfWarning,
  withResolvConf,
} from '../../kubelet/configuration.ts';
import { kubeletEnvironment, normalizeHostname } from '../../kubelet/environment.ts';
import { readUnit, startKubelet, stopKubelet } from '../../kubelet/service.ts';
import { kubeletConfigFile, kubeletEnvFile, kubeletInstanceConfigFile, manifestsDir } from '../../names.ts';
import { loadPatches } from '../../patches/index.ts';
import type { InitPhase } from './phase.ts';

const modes = { mode: 0o644, directoryMode: 0o700 };

/** It can take longer than all the rest, and needs nothing: it is over when the kubelet's credentials are there. */
const unit: InitPhase = {
  name: 'unit',
  short: 'Read the unit of the kubelet again',
  hidden: true,
  run: async (_input, host, { emit }) => await readUnit(host.services, emit),
};

const start: InitPhase = {
  name: 'start',
  short: 'Write the settings of the kubelet and (re)start it',
  hidden: true,
  after: ['kubelet-start/unit', 'kubeconfig/kubelet'],
  run: async (input, host, { emit, signal }) => {
    const { cluster, init, kubelet, paths } = input;
    const socketInFile = featureEnabled(cluster, 'NodeLocalCRISocket');
    const criSocket = socketInFile ? init.nodeRegistration.criSocket : undefined;
    const patches =
      paths.patchesDir === undefined ? undefined : await loadPatches(host, paths.patchesDir, emit);
    const resolvedActive = await isResolvedActive(host.services);
    const warning = resolvConfWarning(kubelet.data, resolvedActive);
    if (warning !== undefined) emit({ type: 'warning', code: 'kubelet-resolv-conf', message: warning });

    // It runs beside others: when one of those fails, the kubelet is left as it is.
    signal.throwIfAborted();
    await stopKubelet(host.services, emit);

    const environment = kubeletEnvironment({
      node: init.nodeRegistration,
      hostname: normalizeHostname(await host.net.hostname()),
      socketInFile,
      registerTaints: false,
    });
    await host.files.write(kubeletEnvFile, environment, modes);
    emit({ type: 'kubelet-file-written', file: kubeletEnvFile, kind: 'environment' });

    if (criSocket !== undefined) {
      await host.files.write(kubeletInstanceConfigFile, instanceConfiguration(criSocket), modes);
      emit({ type: 'kubelet-file-written', file: kubeletInstanceConfigFile, kind: 'configuration' });
    }

    const data = withResolvConf(kubelet.data, resolvedActive);
    const configuration = kubeletConfiguration(data, {
      patches,
      criSocket,
      types: input.release.objectTypes,
      emit,
    });
    await host.files.write(kubeletConfigFile, configuration, modes);
    emit({ type: 'kubelet-file-written', file: kubeletConfigFile, kind: 'configuration' });

    // A kubelet that finds no such folder would look for it only now and then.
    await host.files.makeDirectory(manifestsDir, 0o700);

    signal.throwIfAborted();
    if (host.dryRunDirectory === undefined) emit({ type: 'kubelet-starting' });
    await startKubelet(host.services, emit);
  },
};

/** Source: cmd/kubeadm/app/cmd/phases/init/kubelet.go. */
export const kubeletStart: InitPhase = {
  name: 'kubelet-start',
  short: 'Write the settings of the kubelet and (re)start it',
  long: 'Write a file with KubeletConfiguration and an environment file with settings of this node, then (re)start the kubelet.',
  after: ['record-run'],
  flags: ['config', 'cri-socket', 'dry-run', 'image-repository', 'node-name', 'patches'],
  children: [unit, start],
};
