import { controlPlaneImages, requiredImages } from '../../images.ts';
import { readKubeletVersion } from '../../preflight/checks/kubelet-version.ts';
import { withKernelConfig } from '../../preflight/checks/system-verification/kernel-module.ts';
import { initChecks, rootChecks } from '../../preflight/profiles.ts';
import { pullImages } from '../../preflight/pull-images.ts';
import { judge, runChecks } from '../../preflight/run.ts';
import { etcdDataDirOf } from '../../run-record/documents.ts';
import { documentsOf } from '../../run-record/record.ts';
import type { InitPhase } from './input.ts';

/** Checks the machine, then pulls the images. Source: cmd/phases/init/preflight.go. */
export const preflight: InitPhase = {
  name: 'preflight',
  short: 'Run pre-flight checks',
  long: 'Run pre-flight checks for kubeadm init.',
  example: `# Run pre-flight checks for kubeadm init using a config file.
kubeadm init phase preflight --config kubeadm-config.yaml`,
  flags: ['config', 'image-repository', 'cri-socket', 'ignore-preflight-errors', 'dry-run'],
  inDryRun: 'check',
  run: async (input, host, { emit, signal }) => {
    const judging = { ignore: input.options.ignorePreflightErrors, emit };
    emit({ type: 'preflight-running' });
    await runChecks(rootChecks, host, { ...judging, signal });
    const { unfinished } = input;
    const ownEtcdDataDir = unfinished === undefined ? undefined : etcdDataDirOf(documentsOf(unfinished));
    const checks = initChecks({ ...input, ownEtcdDataDir, kubeletVersion: readKubeletVersion(host) });
    await withKernelConfig(host, () => runChecks(checks, host, { ...judging, signal }));
    const request = {
      images: requiredImages(input),
      pauseImage: controlPlaneImages(input).pause,
      node: input.init.nodeRegistration,
    };
    const result = await pullImages(host, request, { emit, signal });
    signal.throwIfAborted();
    judge([{ name: 'ImagePull', result }], judging);
  },
};
