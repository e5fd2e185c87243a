/**
 * Reads the configuration of the cluster that this machine is a node of. Source: util/config/cluster.go,
 * FetchInitConfigurationFromCluster.
 */
import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { defaultBindPort } from '../config/defaults.ts';
import { fillCluster, fillSocket } from '../config/dynamic.ts';
import { warnTo } from '../config/findings/warnings.ts';
import type { APIEndpoint, InitFamilyConfig, NodeRegistration, Taint, Timeouts } from '../config/hub.ts';
import { defaultInit } from '../config/v1beta4/defaults.ts';
import { KubeApiError, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileReads, Host } from '../host.ts';
import { readKubeletFlags } from '../kubelet/environment.ts';
import { lastArgument } from '../lib/arguments.ts';
import { at, isRecord } from '../lib/is-record.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import {
  apiServerEndpointAnnotation,
  criSocketAnnotation,
  defaultCriSocket,
  kubeadmConfigMap,
  kubeletConfigMap,
  kubeletEnvFile,
  kubeletInstanceConfigFile,
  kubeProxyConfigMap,
  manifestPath,
} from '../names.ts';
import { releaseOf } from '../releases/index.ts';
import { retryApiCall } from './apply.ts';
import { clusterConfigurationKey } from './kubeadm-config.ts';
import { parseClusterConfiguration, readConfigMap } from './read.ts';
import { componentReader, textIn } from './stored-component.ts';
import { apiEndpointOf, readApiEndpoint, readNodeName } from './this-node.ts';

/** The parts of the machine that the configuration depends on. */
type ConfigurationHost = Pick<
  Host,
  'clock' | 'exec' | 'files' | 'kube' | 'net' | 'random' | 'services' | 'system'
>;

export interface NodeConfigurationOptions {
  /** Whether this node is a control plane, which has an API endpoint. */
  readonly controlPlane: boolean;
  /** A version or a label that replaces the version of the cluster. */
  readonly kubernetesVersion?: string | undefined;
  readonly timeouts: Timeouts;
  /** The topic of the progress lines, which is the name of the command. */
  readonly topic: string;
}

export interface NodeConfiguration extends InitFamilyConfig {
  /** Whether the cluster stores a configuration of kube-proxy that this node may read. */
  readonly hasKubeProxy: boolean;
}

interface Context {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Returns the configuration of the cluster with the name, the taints, the socket and the API endpoint of this node.
 *
 * @throws KubeadmError `config-invalid`, `config-unsupported`; `kube-api` if the API server refuses or the cluster was not
 *   made by kubeadm; `timeout`; NetError; the signal's reason
 */
export async function fetchNodeConfiguration(
  host: ConfigurationHost,
  client: KubeClient,
  options: NodeConfigurationOptions,
  context: Context,
): Promise<NodeConfiguration> {
  const { kubernetesVersion, timeouts, topic } = options;
  const { emit, signal } = context;
  emit({ type: 'cluster-configuration-reading', topic });
  const waiting = { clock: host.clock, signal };
  const [stored, kubeletMap, kubeProxyMap, nodeRegistration] = await Promise.all([
    readConfigMap(client, kubeadmConfigMap, waiting).catch(explainMissing(kubeadmConfigMap, 'kubeadm')),
    readConfigMap(client, kubeletConfigMap, waiting).catch(explainMissing(kubeletConfigMap, 'kubelet')),
    readConfigMap(client, kubeProxyConfigMap, waiting).catch((error: unknown) =>
      withoutKubeProxy(error, emit),
    ),
    readRegistration(host, client, { ...context, timeouts }),
  ]);
  const localAPIEndpoint = await readEndpoint(host, client, {
    ...options,
    ...context,
    name: nodeRegistration.name,
  });
  const parsed = parseClusterConfiguration(textIn(stored, clusterConfigurationKey), emit);
  const wanted = kubernetesVersion === undefined ? parsed : { ...parsed, kubernetesVersion };
  const cluster = await fillCluster(host, wanted, {
    bindPort: localAPIEndpoint.bindPort,
    warn: warnTo(emit),
  });
  const release = releaseOf(cluster.kubernetesVersion);
  const component = componentReader({ cluster, release, endpoint: localAPIEndpoint, emit });
  return {
    init: { ...defaultInit({}), bootstrapTokens: [], nodeRegistration, localAPIEndpoint, timeouts },
    cluster,
    release,
    kubelet: component('KubeletConfiguration', kubeletMap, 'kubelet'),
    kubeProxy: component('KubeProxyConfiguration', kubeProxyMap, 'config.conf'),
    hasKubeProxy: kubeProxyMap !== undefined,
  };
}

function explainMissing(name: string, phase: string) {
  return (error: unknown): never => {
    if (!(error instanceof KubeApiError && error.status === 404)) throw error;
    throw new KubeadmError(
      'kube-api',
      `the ConfigMap "${name}" in the "kube-system" namespace was not found`,
      {
        cause: error,
        hint: `Store it again with \`kubeadm init phase upload-config ${phase} --config FILE\`. A cluster that kubeadm did not make has no such ConfigMap.`,
      },
    );
  };
}

/** Only some clusters have kube-proxy, and only some nodes may read its configuration. */
function withoutKubeProxy(error: unknown, emit: Emit): undefined {
  if (!(error instanceof KubeApiError && [403, 404].includes(error.status))) throw error;
  const message = `the cluster has no configuration of kube-proxy that this node may read: ${messageOf(error)}`;
  emit({ type: 'detail', verbosity: 1, message });
  return undefined;
}

async function readRegistration(
  host: ConfigurationHost,
  client: KubeClient,
  context: Context & { readonly timeouts: Pick<Timeouts, 'kubernetesAPICall'> },
): Promise<NodeRegistration> {
  const { emit, signal, timeouts } = context;
  const name = await readNodeName(host, context);
  const policy = { clock: host.clock, emit, signal, timeoutMs: timeouts.kubernetesAPICall };
  const isFinal = (error: unknown): boolean =>
    error instanceof KubeApiError && [401, 403, 404].includes(error.status);
  const node = await retryApiCall(
    `Node ${name}`,
    policy,
    async () => await client.get({ apiVersion: 'v1', kind: 'Node', name }, { signal }),
    isFinal,
  );
  const criSocket = await readSocket(host, node, emit);
  const taints = at(node, 'spec', 'taints');
  return {
    ...defaultInit({}).nodeRegistration,
    name,
    criSocket,
    taints: Array.isArray(taints) ? (taints.filter(isRecord) as unknown as readonly Taint[]) : [],
  };
}

/** The socket from the annotation of the Node, else from the files of the kubelet, else the one that answers. */
async function readSocket(host: ConfigurationHost, node: KubeObject, emit: Emit): Promise<string> {
  const known =
    node.metadata.annotations?.[criSocketAnnotation] ||
    (await socketInInstanceConfig(host.files)) ||
    (await socketInFlags(host.files));
  if (known) return known;
  const warn = (message: string): void => emit({ type: 'warning', code: 'cri-socket-not-stored', message });
  try {
    const options = { criDetection: true, path: 'criSocket', warn: warnTo(emit) };
    const found = await fillSocket(host, '', options);
    warn(
      `neither the Node nor ${kubeletInstanceConfigFile} names the socket of the container runtime: ${found} is taken`,
    );
    return found;
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    warn(`${messageOf(error)}: ${defaultCriSocket} is taken`);
    return defaultCriSocket;
  }
}

async function socketInInstanceConfig(files: FileReads): Promise<string | undefined> {
  const value = await parsedFile(files, kubeletInstanceConfigFile);
  const socket = at(value, 'containerRuntimeEndpoint');
  return typeof socket === 'string' ? socket : undefined;
}

async function socketInFlags(files: FileReads): Promise<string | undefined> {
  const text = await files.readText(kubeletEnvFile).catch(() => '');
  return lastArgument(readKubeletFlags(text) ?? [], 'container-runtime-endpoint');
}

async function parsedFile(files: FileReads, path: string): Promise<unknown> {
  try {
    return parseYaml(await files.readText(path));
  } catch {
    return undefined;
  }
}

/** The endpoint in the manifest of the API server, or else in its Pod. A worker has an endpoint without an address. */
async function readEndpoint(
  host: ConfigurationHost,
  client: KubeClient,
  options: NodeConfigurationOptions & Context & { readonly name: string },
): Promise<APIEndpoint> {
  const { controlPlane, name, timeouts } = options;
  if (!controlPlane) return { advertiseAddress: '', bindPort: defaultBindPort };
  const manifest = await parsedFile(host.files, manifestPath('kube-apiserver'));
  const annotation = at(manifest, 'metadata', 'annotations', apiServerEndpointAnnotation);
  const local = typeof annotation === 'string' ? apiEndpointOf(annotation) : undefined;
  if (local !== undefined) return local;
  const timeoutMs = timeouts.kubernetesAPICall;
  return await readApiEndpoint(client, name, { ...options, clock: host.clock, timeoutMs });
}
