import { controlPlaneImages, requiredImages } from '../../../images.ts';
import { readKubeletVersion } from '../../../preflight/checks/kubelet-version.ts';
import { withKernelConfig } from '../../../preflight/checks/system-verification/kernel-module.ts';
import { rootChecks, upgradeNodeChecks } from '../../../preflight/profiles.ts';
import { pullImages } from '../../../preflight/pull-images.ts';
import { judge, runChecks } from '../../../preflight/run.ts';
import type { UpgradePhase } from '../input.ts';

const topic = 'upgrade/preflight';

/** Checks the machine, and pulls the images of a control plane. Source: cmd/phases/upgrade/node/preflight.go. */
export const preflight: UpgradePhase = {
  name: 'preflight',
  short: 'Run upgrade node pre-flight checks',
  long: 'Run pre-flight checks for kubeadm upgrade node.',
  flags: ['config', 'ignore-preflight-errors'],
  inDryRun: 'check',
  run: async (input, host, { emit, signal }) => {
    const judging = { ignore: input.options.ignorePreflightErrors, emit, signal };
    const { nodeRegistration: node } = input.init;
    emit({ type: 'preflight-running' });
    await runChecks(rootChecks, host, judging);
    const checks = upgradeNodeChecks({ criSocket: node.criSocket, kubeletVersion: readKubeletVersion(host) });
    await withKernelConfig(host, () => runChecks(checks, host, judging));
    if (!input.isControlPlane) {
      emit({ type: 'progress', topic, message: 'Skipping prepull. Not a control plane node.' });
      return;
    }
    emit({ type: 'progress', topic, message: 'Pulling images required for setting up a Kubernetes cluster' });
    const request = { images: requiredImages(input), pauseImage: controlPlaneImages(input).pause, node };
    const result = await pullImages(host, request, { emit, signal });
    signal.throwIfAborted();
    judge([{ name: 'ImagePull', result }], judging);
  },
};
