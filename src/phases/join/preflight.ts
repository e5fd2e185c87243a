import type { InitFamilyConfig } from '../../config/hub.ts';
import { KubeadmError } from '../../errors.ts';
import type { Host } from '../../host.ts';
import { controlPlaneImages, requiredImages } from '../../images.ts';
import { sharedCertificateProblems } from '../../pki/shared-certificates.ts';
import { readKubeletVersion } from '../../preflight/checks/kubelet-version.ts';
import { withKernelConfig } from '../../preflight/checks/system-verification/kernel-module.ts';
import { joinChecks, joiningControlPlaneChecks, rootChecks } from '../../preflight/profiles.ts';
import { pullImages } from '../../preflight/pull-images.ts';
import { judge, runChecks } from '../../preflight/run.ts';
import { discoveryFlags, endpointArgument } from './discovery-flags.ts';
import type { JoinContext, JoinInput, JoinPhase } from './input.ts';

/** Checks the machine, before the cluster is asked. */
const machine: JoinPhase = {
  name: 'machine',
  short: 'Check this machine',
  hidden: true,
  inDryRun: 'check',
  run: async ({ join, options, unfinished }, host, { emit, signal }) => {
    const judging = { ignore: options.ignorePreflightErrors, emit, signal };
    emit({ type: 'preflight-running' });
    await runChecks(rootChecks, host, judging);
    const checks = joinChecks({ join, unfinished, kubeletVersion: readKubeletVersion(host) });
    await withKernelConfig(host, () => runChecks(checks, host, judging));
  },
};

/** Finds the cluster and reads its configuration. A control plane must fit into the cluster. */
const cluster: JoinPhase = {
  name: 'cluster',
  short: 'Find the cluster, and check whether this machine fits into it',
  hidden: true,
  inDryRun: 'check',
  run: async (input, host, context) => {
    const configuration = await context.scope.cluster(context);
    if (input.join.controlPlane !== undefined)
      await checkControlPlane(input, host, { configuration, context });
  },
};

interface Joining {
  readonly configuration: InitFamilyConfig;
  readonly context: JoinContext;
}

async function checkControlPlane(
  { options, unfinished }: JoinInput,
  host: Host,
  { configuration, context }: Joining,
): Promise<void> {
  const { emit, signal } = context;
  const downloadsCertificates = configuration.init.certificateKey !== '';
  await refuseUnready(configuration, host, { context, downloadsCertificates });
  emit({
    type: 'progress',
    topic: 'preflight',
    message: 'Running pre-flight checks before initializing the new control plane instance',
  });
  const checks = joiningControlPlaneChecks({
    ...configuration,
    unfinished,
    ownEtcdDataDir: unfinished?.etcdDataDir,
    downloadsCertificates,
  });
  await runChecks(checks, host, { ignore: options.ignorePreflightErrors, emit, signal });
}

/** @throws KubeadmError `config-invalid`, `certificate-missing` */
async function refuseUnready(
  { cluster: { controlPlaneEndpoint }, cluster }: InitFamilyConfig,
  host: Pick<Host, 'files' | 'clock'>,
  {
    context,
    downloadsCertificates,
  }: { readonly context: JoinContext; readonly downloadsCertificates: boolean },
): Promise<void> {
  const unready = 'One or more conditions for hosting a new control plane instance is not satisfied.';
  if (controlPlaneEndpoint === '') {
    throw new KubeadmError(
      'config-invalid',
      `${unready} The cluster has no stable controlPlaneEndpoint address`,
      {
        hint:
          'All control planes need one address that stays. Set ClusterConfiguration.controlPlaneEndpoint in ConfigMap ' +
          'kube-system/kubeadm-config, and give the API server a certificate with it.',
      },
    );
  }
  if (downloadsCertificates) return;
  const problems = await sharedCertificateProblems(host, cluster, context.emit);
  if (problems.length === 0) return;
  throw new KubeadmError('certificate-missing', `${unready}\n  ${problems.join('\n  ')}`, {
    hint:
      'Copy the certificates that all control planes share from another one, or use --certificate-key: ' +
      "'kubeadm init phase upload-certs --upload-certs' uploads them and prints the key.",
    details: { problems },
  });
}

/** The static Pods of a control plane start faster with their images. A worker starts without them. */
const images: JoinPhase = {
  name: 'images',
  short: 'Pull the images of a control plane',
  hidden: true,
  run: async ({ join, options }, host, context) => {
    if (join.controlPlane === undefined) return;
    const { emit, signal } = context;
    const configuration = await context.scope.cluster(context);
    const result = await pullImages(
      host,
      {
        images: requiredImages(configuration),
        pauseImage: controlPlaneImages(configuration).pause,
        node: join.nodeRegistration,
      },
      { emit, signal },
    );
    signal.throwIfAborted();
    judge([{ name: 'ImagePull', result }], { ignore: options.ignorePreflightErrors, emit });
  },
};

/** Source: cmd/phases/join/preflight.go. */
export const preflight: JoinPhase = {
  name: 'preflight',
  short: 'Run join pre-flight checks',
  long: 'Run pre-flight checks for kubeadm join.',
  example: `  # Run join pre-flight checks using a config file.
  kubeadm join phase preflight --config kubeadm-config.yaml`,
  arguments: endpointArgument,
  flags: [
    'apiserver-advertise-address',
    'apiserver-bind-port',
    'certificate-key',
    'config',
    'control-plane',
    'cri-socket',
    'dry-run',
    'ignore-preflight-errors',
    'node-name',
    ...discoveryFlags,
  ],
  children: [machine, cluster, images],
};
