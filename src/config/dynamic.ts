/** Defaults that depend on the machine, on random values or on the network (app/util/config/initconfiguration.go). */

import { KubeadmError, messageOf } from '../errors.ts';
import type { ReadHost } from '../host.ts';
import { joinHostPort, parseHostPort } from '../lib/host-port.ts';
import { nodeNameOf } from '../lib/node-name.ts';
import { controlPlaneLabel, defaultCriSocket, knownCriSockets } from '../names.ts';
import { chooseAdvertiseAddress } from './advertise-address.ts';
import type { APIEndpoint, ClusterConfiguration, InitConfiguration, NodeRegistration } from './hub.ts';
import { resolveKubernetesVersion } from './kubernetes-version.ts';
import { randomToken } from './random-token.ts';
import type { Warn } from './report.ts';

/** @throws KubeadmError code `config-invalid` */
export async function fillInit(
  host: ReadHost,
  init: InitConfiguration,
  options: {
    readonly criDetection: boolean;
    readonly keptTokens?: readonly string[];
    readonly warn: Warn;
  },
): Promise<InitConfiguration> {
  const bootstrapTokens = init.bootstrapTokens.map((token, index) =>
    token.token === '' ? { ...token, token: options.keptTokens?.[index] ?? randomToken(host.random) } : token,
  );
  const nodeRegistration = await fillRegistration(host, init.nodeRegistration, {
    ...options,
    controlPlane: true,
  });
  const localAPIEndpoint = await fillEndpoint(host, init.localAPIEndpoint, {
    path: 'localAPIEndpoint',
    warn: options.warn,
  });
  return { ...init, bootstrapTokens, nodeRegistration, localAPIEndpoint };
}

export async function fillCluster(
  host: ReadHost,
  cluster: ClusterConfiguration,
  { bindPort, warn }: { readonly bindPort: number; readonly warn: Warn },
): Promise<ClusterConfiguration> {
  return {
    ...cluster,
    ...(await resolveKubernetesVersion(host, cluster, warn)),
    controlPlaneEndpoint: withPort(cluster.controlPlaneEndpoint, bindPort),
    apiServer: {
      ...cluster.apiServer,
      certSANs: cluster.apiServer.certSANs.map((name) => name.toLowerCase()),
    },
  };
}

export async function fillRegistration(
  host: ReadHost,
  node: NodeRegistration,
  options: { readonly criDetection: boolean; readonly controlPlane: boolean; readonly warn: Warn },
): Promise<NodeRegistration> {
  const name = nodeNameOf(node.name === '' ? await host.net.hostname() : node.name);
  const taints =
    node.taints ?? (options.controlPlane ? [{ effect: 'NoSchedule', key: controlPlaneLabel }] : undefined);
  const path = 'nodeRegistration.criSocket';
  return { ...node, name, taints, criSocket: await fillSocket(host, node.criSocket, { ...options, path }) };
}

/** @param options.path the path of the endpoint in the configuration */
export async function fillEndpoint(
  host: ReadHost,
  endpoint: APIEndpoint,
  { path, warn }: { readonly path: string; readonly warn: Warn },
): Promise<APIEndpoint> {
  const options = { path: `${path}.advertiseAddress`, warn };
  return {
    ...endpoint,
    advertiseAddress: await chooseAdvertiseAddress(host, endpoint.advertiseAddress, options),
  };
}

/** @throws KubeadmError code `config-invalid` if more than one container runtime is installed */
export async function fillSocket(
  { net }: Pick<ReadHost, 'net'>,
  socket: string,
  {
    criDetection,
    path,
    warn,
  }: { readonly criDetection: boolean; readonly path: string; readonly warn: Warn },
): Promise<string> {
  if (socket.startsWith('unix')) return socket;
  if (socket !== '') {
    warn({
      severity: 'warning',
      code: 'cri-socket-without-scheme',
      message: `a CRI endpoint without a URL scheme is deprecated and can cause kubelet errors in the future; "unix://" is put in front of "${socket}"`,
      place: { path },
    });
    return `unix://${socket}`;
  }
  if (!criDetection) return defaultCriSocket;
  const answers = await Promise.all(
    knownCriSockets.map(async (socket) =>
      (await net.answersOnSocket(socket.replace('unix://', ''))) ? [socket] : [],
    ),
  );
  const found = answers.flat();
  if (found.length > 1) {
    throw new KubeadmError(
      'config-invalid',
      `found multiple CRI endpoints on the host: ${found.join(', ')}. Please define which one do you wish to use by setting the 'criSocket' field in the kubeadm configuration file`,
      { hint: `you can also use --cri-socket ${found[0]}`, place: { path } },
    );
  }
  return found[0] ?? defaultCriSocket;
}

/** @throws KubeadmError code `config-invalid`, before validation and without its findings, as upstream */
function withPort(endpoint: string, port: number): string {
  if (endpoint === '') return '';
  try {
    const given = parseHostPort(endpoint);
    return given.port === '' ? joinHostPort(given.host, port) : endpoint;
  } catch (error) {
    throw new KubeadmError('config-invalid', messageOf(error), {
      place: { path: 'controlPlaneEndpoint' },
      hint: 'write controlPlaneEndpoint (--control-plane-endpoint) as host or host:port, an IPv6 address with a port in brackets',
    });
  }
}
