import { downloadCertificates } from '../../cluster/download-certs.ts';
import { filesToShare } from '../../cluster/upload-certs.ts';
import type { ClusterConfiguration, InitFamilyConfig } from '../../config/hub.ts';
import type { Host } from '../../host.ts';
import { ensureKubeconfig } from '../../kubeconfig/ensure.ts';
import { checkExternalKubeconfigs } from '../../kubeconfig/external-ca.ts';
import { joiningKubeconfigs } from '../../kubeconfig/table.ts';
import { installComponent } from '../../kubelet/control-plane-pods.ts';
import { manifestInput } from '../../manifests/manifest-input.ts';
import { certsSecret, controlPlaneComponents, manifestsDir } from '../../names.ts';
import { isExternal } from '../../pki/external-ca.ts';
import type { PkiInput } from '../../pki/issue.ts';
import { ensureJoiningCertificates } from '../../pki/joining-node.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import { retryPolicy } from './api.ts';
import { discoveryFlags, endpointArgument } from './discovery-flags.ts';
import type { JoinContext, JoinInput, JoinPhase } from './input.ts';

const commonFlags: readonly PhaseFlag[] = ['config', 'control-plane', 'dry-run'];

/** The run of a phase that does nothing on a worker. */
type RunOnControlPlane = (
  configuration: InitFamilyConfig,
  run: { readonly input: JoinInput; readonly host: Host; readonly context: JoinContext },
) => Promise<void>;

function onControlPlane(run: RunOnControlPlane): NonNullable<JoinPhase['run']> {
  return async (input, host, context) => {
    if (input.join.controlPlane === undefined) return;
    await run(await context.scope.cluster(context), { input, host, context });
  };
}

const downloadCerts: JoinPhase = {
  name: 'download-certs',
  short: `Download the certificates that control planes share from Secret ${certsSecret}`,
  arguments: endpointArgument,
  flags: ['certificate-key', ...commonFlags, ...discoveryFlags],
  run: async (input, host, context) => {
    if (input.join.controlPlane === undefined) return;
    const { certificateKey } = input.join.controlPlane;
    const { emit, scope } = context;
    const skip = (why: string): void =>
      emit({ type: 'detail', verbosity: 1, topic: 'download-certs', message: why });
    if (certificateKey === '')
      return skip('there is no certificate key, so the certificates are not downloaded');
    const { cluster } = await scope.cluster(context);
    // The Secret may have expired since.
    if (input.unfinished !== undefined && (await hasSharedFiles(host, cluster)))
      return skip('an earlier try has downloaded the certificates');
    const policy = retryPolicy(input, host, context);
    const client = await scope.bootstrapClient(context);
    await downloadCertificates(host.files, client, { cluster, certificateKey, policy, emit });
  },
};

async function hasSharedFiles(
  { files }: Pick<Host, 'files'>,
  cluster: ClusterConfiguration,
): Promise<boolean> {
  const paths = Object.values(filesToShare(cluster)).filter((path) => path !== '');
  const found = await Promise.all(paths.map((path) => files.stat(path)));
  return found.every((stat) => stat !== undefined);
}

/** The input for certificates, as `init` has it. */
function pkiInput({ cluster, init }: InitFamilyConfig, { startTime, unfinished }: JoinInput): PkiInput {
  return { cluster, init, startTime, unfinished };
}

const certs: JoinPhase = {
  name: 'certs',
  short: 'Generate the certificates of the new control plane',
  arguments: endpointArgument,
  flags: ['apiserver-advertise-address', ...commonFlags, 'node-name', ...discoveryFlags],
  run: onControlPlane(async (configuration, { context: { emit }, host, input }) => {
    emit({ type: 'certificates-directory', directory: configuration.cluster.certificatesDir });
    await ensureJoiningCertificates(host, {
      input: pkiInput(configuration, input),
      // A dry run may have no cluster from which it could get them.
      newAuthorities: input.options.isDryRun,
      emit,
    });
  }),
};

const kubeconfig: JoinPhase = {
  name: 'kubeconfig',
  short: 'Generate the kubeconfig files of the new control plane',
  arguments: endpointArgument,
  flags: ['certificate-key', ...commonFlags, ...discoveryFlags],
  run: onControlPlane(async (configuration, { context: { emit }, host, input }) => {
    const { kubeconfigDir } = input.paths;
    emit({ type: 'kubeconfig-directory', directory: kubeconfigDir });
    if (await isExternal(host, 'ca', configuration.cluster.certificatesDir)) {
      const specs = joiningKubeconfigs;
      await checkExternalKubeconfigs(host, { ...configuration, kubeconfigDir, specs, emit });
      for (const { file } of specs) emit({ type: 'kubeconfig-skipped', file });
      return;
    }
    const pki = pkiInput(configuration, input);
    for (const spec of joiningKubeconfigs)
      await ensureKubeconfig(host, { input: pki, spec, directory: kubeconfigDir }, emit);
  }),
};

const controlPlane: JoinPhase = {
  name: 'control-plane',
  short: 'Generate the static Pod manifests of the new control plane',
  flags: ['apiserver-advertise-address', 'apiserver-bind-port', ...commonFlags, 'patches'],
  run: onControlPlane(async (configuration, { context: { emit }, host, input: { patches } }) => {
    emit({ type: 'manifests-directory', directory: manifestsDir });
    const externalCA = await isExternal(host, 'ca', configuration.cluster.certificatesDir);
    const input = await manifestInput({ ...configuration, externalCA }, host);
    for (const component of controlPlaneComponents)
      await installComponent(component, host, { input, patches, emit });
  }),
};

/** Source: cmd/phases/join/controlplaneprepare.go. */
export const controlPlanePrepare: JoinPhase = {
  name: 'control-plane-prepare',
  short: 'Prepare this machine for a control plane',
  example: `  # Prepare this machine for a control plane
  kubeadm join phase control-plane-prepare all`,
  arguments: endpointArgument,
  allFlags: [
    'apiserver-advertise-address',
    'apiserver-bind-port',
    'certificate-key',
    ...commonFlags,
    'node-name',
    'patches',
    ...discoveryFlags,
  ],
  children: [downloadCerts, certs, kubeconfig, controlPlane],
};
