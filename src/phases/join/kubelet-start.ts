import { refuseTakenName } from '../../cluster/taken-name.ts';
import { localEndpoint } from '../../config/endpoints.ts';
import { featureEnabled } from '../../config/hub.ts';
import { withClusterName } from '../../discovery/bootstrap-kubeconfig.ts';
import type { Host } from '../../host.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { registeredName } from '../../kubelet/environment.ts';
import { readUnit } from '../../kubelet/service.ts';
import { writeSettingsAndStartKubelet } from '../../kubelet/start.ts';
import {
  ensureAuthorityFile,
  hasClientCertificate,
  writeBootstrapKubeconfig,
} from '../../tls-bootstrap/credentials.ts';
import { discoveryFlags, endpointArgument } from './discovery-flags.ts';
import type { JoinContext, JoinInput, JoinPhase } from './input.ts';

/** Reading the units can take longer than all the rest and needs nothing, so it runs before the credentials exist. */
const unit: JoinPhase = {
  name: 'unit',
  short: 'Read the unit of the kubelet again',
  hidden: true,
  run: async (_input, host, context) => await readUnit(host.services, context),
};

const start: JoinPhase = {
  name: 'start',
  short: 'Write the settings and the credentials of the kubelet and (re)start it',
  hidden: true,
  run: async (input, host, context) => {
    const { join, patches } = input;
    const { cluster, kubelet, release } = await context.scope.cluster(context);
    await prepareBootstrap(input, host, { clusterName: cluster.clusterName, context });
    const settings = {
      node: join.nodeRegistration,
      configuration: kubelet.data,
      patches,
      release,
      socketInFile: featureEnabled(cluster, 'NodeLocalCRISocket'),
      // A control plane gets its taints when it is marked.
      registerTaints: join.controlPlane === undefined,
      hasStaticPods: join.controlPlane !== undefined,
    };
    await writeSettingsAndStartKubelet(host, settings, context);
  },
};

interface Bootstrapping {
  readonly clusterName: string;
  readonly context: JoinContext;
}

async function prepareBootstrap(
  { join, paths, unfinished }: JoinInput,
  host: Host,
  { clusterName, context }: Bootstrapping,
): Promise<void> {
  const { emit, scope, signal } = context;
  const discovered = await scope.discovered(context);
  // In an earlier try, the kubelet may have got its certificate. Then the Node is its own.
  const isBootstrapped = unfinished !== undefined && (await hasClientCertificate(host));
  if (!isBootstrapped) {
    const nodeName = await registeredName(host, join.nodeRegistration);
    const timeoutMs = join.timeouts.kubernetesAPICall;
    const client = await scope.bootstrapClient(context);
    await refuseTakenName(host, client, { nodeName, timeoutMs, emit, signal });
  }
  await ensureAuthorityFile(host.files, discovered, paths.authority);
  if (isBootstrapped) return;
  await writeBootstrapKubeconfig(
    host.files,
    withOwnServer(withClusterName(discovered, clusterName), join.controlPlane),
  );
}

/** The kubelet of a control plane uses the API server of its own machine. */
function withOwnServer(kubeconfig: Kubeconfig, controlPlane: JoinInput['join']['controlPlane']): Kubeconfig {
  if (controlPlane === undefined) return kubeconfig;
  const server = localEndpoint(controlPlane.localAPIEndpoint);
  return { ...kubeconfig, clusters: kubeconfig.clusters.map((cluster) => ({ ...cluster, server })) };
}

/** Source: cmd/phases/join/kubelet.go. */
export const kubeletStart: JoinPhase = {
  name: 'kubelet-start',
  short: 'Write the settings and the credentials of the kubelet and (re)start it',
  long:
    'Write a file with KubeletConfiguration, an environment file with settings of this node and a kubeconfig with a ' +
    'bootstrap token, then (re)start the kubelet.',
  arguments: endpointArgument,
  flags: ['config', 'cri-socket', 'dry-run', 'node-name', 'patches', ...discoveryFlags],
  children: [unit, start],
};
