/** Reads the configuration of the cluster that a node joins. Source: cmd/join.go, util/config/cluster.go. */
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { defaultBindPort } from '../config/defaults.ts';
import { fillCluster } from '../config/dynamic.ts';
import { warnTo } from '../config/findings/warnings.ts';
import type { InitFamilyConfig, JoinConfiguration } from '../config/hub.ts';
import { defaultInit } from '../config/v1beta4/defaults.ts';
import { KubeApiError, KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { ReadHost } from '../host.ts';
import { kubeadmConfigMap, kubeletConfigMap, kubeProxyConfigMap } from '../names.ts';
import { releaseOf } from '../releases/index.ts';
import { retryApiCall } from './apply.ts';
import { clusterConfigurationKey } from './kubeadm-config.ts';
import { parseClusterConfiguration } from './read.ts';
import { componentReader, textIn } from './stored-component.ts';

const newToken = "'kubeadm token create --print-join-command' on a control plane prints a new command.";

/** Roles and tokens that were made just before need this long at most to be known to every API server. */
const refusalPatienceMs = 2_000;

interface Context {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Returns the configuration of the cluster with the node and the endpoint of the joining node in it. A worker has an
 * endpoint without an address.
 *
 * @param client a client with the credentials of the TLS bootstrap
 * @throws KubeadmError `config-invalid`, `config-unsupported`; `kube-api` if the API server refuses; `timeout` after
 *   `timeouts.kubernetesAPICall`; the signal's reason
 */
export async function fetchJoinedCluster(
  host: ReadHost,
  client: KubeClient,
  join: JoinConfiguration,
  context: Context,
): Promise<InitFamilyConfig> {
  const { emit } = context;
  emit({ type: 'cluster-configuration-reading', topic: 'preflight' });
  const read = configMapReader(host, client, { ...context, join });
  // Alone, so that credentials which the API server refuses cost it few requests.
  const stored = await read(kubeadmConfigMap, refusalPatienceMs);
  const [kubeletMap, kubeProxyMap] = await Promise.all([
    read(kubeletConfigMap, refusalPatienceMs),
    read(kubeProxyConfigMap).catch((error: unknown) => withoutKubeProxy(error, emit)),
  ]);
  const onWarning = warnTo(emit);
  const endpoint = join.controlPlane?.localAPIEndpoint ?? { advertiseAddress: '', bindPort: defaultBindPort };
  const parsed = parseClusterConfiguration(textIn(stored, clusterConfigurationKey), emit);
  const cluster = await fillCluster(host, parsed, { bindPort: endpoint.bindPort, warn: onWarning });
  const release = releaseOf(cluster.kubernetesVersion);
  const component = componentReader({ cluster, release, endpoint, emit });
  return {
    init: {
      ...defaultInit({}),
      bootstrapTokens: [],
      dryRun: join.dryRun,
      nodeRegistration: join.nodeRegistration,
      localAPIEndpoint: endpoint,
      certificateKey: join.controlPlane?.certificateKey ?? '',
      skipPhases: join.skipPhases,
      patches: join.patches,
      timeouts: join.timeouts,
    },
    cluster,
    release,
    kubelet: component('KubeletConfiguration', kubeletMap, 'kubelet'),
    kubeProxy: component('KubeProxyConfiguration', kubeProxyMap, 'config.conf'),
  };
}

/**
 * @param patienceMs the time for which a refusal is not final; defaults to none. Credentials that are not accepted always have
 *   it, because a load balancer can send each request to another API server.
 */
type ReadConfigMap = (name: string, patienceMs?: number) => Promise<KubeObject>;

function configMapReader(
  { clock }: Pick<ReadHost, 'clock'>,
  client: KubeClient,
  { emit, join, signal }: Context & { readonly join: JoinConfiguration },
): ReadConfigMap {
  const timeoutMs = join.timeouts.kubernetesAPICall;
  return async (name, patienceMs = 0) => {
    const start = clock.monotonic();
    const patienceOf = ({ status }: KubeApiError): number =>
      status === 401 ? refusalPatienceMs : patienceMs;
    const isFinal = (error: unknown): boolean =>
      isRefusal(error) && clock.monotonic() - start >= Math.min(patienceOf(error), timeoutMs);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name, namespace: 'kube-system' };
    const policy = { clock, emit, signal, timeoutMs };
    const what = `ConfigMap kube-system/${name}`;
    try {
      return await retryApiCall(what, policy, async () => await client.get(ref, { signal }), isFinal);
    } catch (error) {
      throw isRefusal(error) ? refused(error, name, join) : error;
    }
  };
}

/** The API server has understood the request, and its answer does not depend on its load. */
function isRefusal(error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && [400, 401, 403, 404].includes(error.status);
}

/** The Role and the RoleBinding in kube-system with which nodes read a ConfigMap, and the phase of `init` that makes both. */
const readers: Readonly<Record<string, { readonly role: string; readonly phase: string } | undefined>> = {
  [kubeadmConfigMap]: { role: 'kubeadm:nodes-kubeadm-config', phase: 'upload-config kubeadm' },
  [kubeletConfigMap]: { role: 'kubeadm:kubelet-config', phase: 'upload-config kubelet' },
  [kubeProxyConfigMap]: { role: 'kube-proxy', phase: 'addon kube-proxy' },
};

function refused(error: KubeApiError, name: string, { discovery }: JoinConfiguration): KubeadmError {
  const { tlsBootstrapToken } = discovery;
  const id = tlsBootstrapToken === '' ? undefined : tlsBootstrapToken.split('.')[0];
  const who = id === undefined ? 'these credentials' : `the bootstrap token ${id}`;
  const { phase, role } = readers[name] ?? { role: name, phase: 'upload-config all' };
  const [problem, hint] =
    error.status === 401
      ? [
          `the API server does not accept ${who}`,
          id === undefined
            ? `Use another kubeconfig for the discovery, or a token: ${newToken}`
            : `The token is unknown or has expired, or it lacks the usage "authentication". ${newToken}`,
        ]
      : error.status === 403
        ? [
            `${who} may not read it`,
            `Either the Role ${role} or its RoleBinding is missing in the namespace kube-system: ` +
              `'kubeadm init phase ${phase}' on a control plane creates both. Or the token lacks the group ` +
              `system:bootstrappers:kubeadm:default-node-token: ${newToken}`,
          ]
        : [
            'the cluster does not have it',
            `Was the cluster made by kubeadm? 'kubeadm init phase ${phase}' on a control plane stores it.`,
          ];
  return new KubeadmError(
    'kube-api',
    `cannot read ConfigMap kube-system/${name}: ${problem} (${error.message})`,
    {
      cause: error,
      hint,
      details: { status: error.status, ...(id === undefined ? {} : { tokenId: id }) },
    },
  );
}

/** Only some clusters have kube-proxy, and only some nodes may read its configuration. */
function withoutKubeProxy(error: unknown, emit: Emit): undefined {
  const status = error instanceof KubeadmError ? error.details.status : undefined;
  if (status !== 403 && status !== 404) throw error;
  const message = `the cluster has no configuration of kube-proxy that this node may read: ${String(error)}`;
  emit({ type: 'detail', verbosity: 1, topic: 'preflight', message });
  return undefined;
}
