/** Reads the name and the address of this node. Source: util/config/cluster.go. */
import { X509Certificate } from 'node:crypto';
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { reviewSelf } from '../clients/kube/self-subject-review.ts';
import { defaultBindPort } from '../config/defaults.ts';
import type { APIEndpoint } from '../config/hub.ts';
import { isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Clock, Host } from '../host.ts';
import { currentUserOf } from '../kubeconfig/current.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { splitHostPort } from '../lib/host-port.ts';
import { nodeNameOf } from '../lib/node-name.ts';
import { apiServerEndpointAnnotation, kubeletConf, kubernetesDir } from '../names.ts';
import { retryWithEvents } from './retry-with-events.ts';

const nodeUserPrefix = 'system:node:';
const kubeconfigPath = `${kubernetesDir}/${kubeletConf}`;

/**
 * Returns the name of the Node that the kubelet.conf of this machine authenticates as, according to the API server. It
 * defaults to the name in the certificate of that file, and then to the host name. A kubelet.conf that exists and does not
 * name a node is a warning.
 *
 * @throws NetError if the machine has no host name; the signal's reason
 */
export async function readNodeName(
  host: Pick<Host, 'files' | 'net' | 'kube'>,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<string> {
  try {
    const kubeconfig = await loadKubeconfig(host, kubeconfigPath);
    const reviewed = await nameInReview(host, kubeconfig, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      const message = `the API server does not name the user of ${kubeconfigPath}: ${messageOf(error)}`;
      emit({ type: 'detail', verbosity: 1, message });
      return undefined;
    });
    return reviewed ?? nameInCertificate(kubeconfig);
  } catch (error) {
    signal.throwIfAborted();
    const name = nodeNameOf(await host.net.hostname());
    const message = `the name of this node is taken to be that of the machine, "${name}": ${messageOf(error)}`;
    if (isNotFound(error)) emit({ type: 'detail', verbosity: 1, message });
    else emit({ type: 'warning', code: 'node-name-from-host', message });
    return name;
  }
}

/**
 * Returns the name in the certificate of this machine's kubelet.conf, without a request to the cluster. It defaults to the
 * host name.
 *
 * @throws NetError if the machine has no host name
 */
export async function nodeNameOnDisk(host: Pick<Host, 'files' | 'net'>): Promise<string> {
  try {
    return nameInCertificate(await loadKubeconfig(host, kubeconfigPath));
  } catch {
    return nodeNameOf(await host.net.hostname());
  }
}

/** Undefined when the user is not a node. */
async function nameInReview(
  { kube }: Pick<Host, 'kube'>,
  kubeconfig: Kubeconfig,
  signal: AbortSignal,
): Promise<string | undefined> {
  const client = kube(kubeconfig);
  try {
    const { username } = await reviewSelf(client, { signal });
    return username.startsWith(nodeUserPrefix) ? username.slice(nodeUserPrefix.length) : undefined;
  } finally {
    client.close();
  }
}

function nameInCertificate(kubeconfig: Kubeconfig): string {
  const pem = currentUserOf(kubeconfig, kubeconfigPath).clientCertificateData;
  if (pem === undefined) throw new Error(`${kubeconfigPath} has no client certificate`);
  const name = /^CN=(.*)$/m.exec(subjectOf(pem))?.[1] ?? '';
  const node = name.startsWith(nodeUserPrefix) ? name.slice(nodeUserPrefix.length) : name;
  if (node === '') throw new Error(`the client certificate in ${kubeconfigPath} has no common name`);
  return node;
}

function subjectOf(pem: string): string {
  try {
    return new X509Certificate(pem).subject;
  } catch (error) {
    throw new Error(`the client certificate in ${kubeconfigPath} cannot be read`, { cause: error });
  }
}

export interface AddressOptions {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** The topic of the events that report the wait: the name of the command. */
  readonly topic: string;
}

/**
 * Returns the address that this node's API server advertises, from the annotation of its Pod. It retries, because the
 * mirror Pod does not exist yet and load balancers refuse requests right after the start of the API server.
 *
 * @throws RetryTimeout; KubeadmError `kube-api` for an annotation that is not an endpoint; the signal's reason
 */
export async function readAdvertiseAddress(
  client: KubeClient,
  nodeName: string,
  options: AddressOptions,
): Promise<string> {
  return (await readApiEndpoint(client, nodeName, options)).advertiseAddress;
}

/** Returns the address and the port, as `readAdvertiseAddress`. */
export async function readApiEndpoint(
  client: KubeClient,
  nodeName: string,
  options: AddressOptions,
): Promise<APIEndpoint> {
  const text = await retryWithEvents(() => endpointOnce(client, nodeName, options.signal), {
    ...options,
    what: `the API endpoint of node ${nodeName}`,
  });
  const endpoint = apiEndpointOf(text);
  if (endpoint !== undefined) return endpoint;
  throw new KubeadmError(
    'kube-api',
    `the annotation ${apiServerEndpointAnnotation} of the kube-apiserver Pod of node ${nodeName} is not an ` +
      `endpoint: ${JSON.stringify(text)}`,
  );
}

/** Returns undefined if the text is not an address with a port. */
export function apiEndpointOf(text: string): APIEndpoint | undefined {
  const { host = '', port } = splitHostPort(text) ?? {};
  return host === '' ? undefined : { advertiseAddress: host, bindPort: Number(port) || defaultBindPort };
}

async function endpointOnce(client: KubeClient, nodeName: string, signal: AbortSignal): Promise<string> {
  const { items: pods } = await client.list('v1', 'Pod', {
    namespace: 'kube-system',
    labelSelector: 'component=kube-apiserver,tier=control-plane',
    fieldSelector: `spec.nodeName=${nodeName}`,
    signal,
  });
  const endpoint =
    pods.length === 1 ? pods[0]?.metadata.annotations?.[apiServerEndpointAnnotation] : undefined;
  if (endpoint !== undefined) return endpoint;
  throw new KubeadmError(
    'kube-api',
    `the API endpoint of node ${nodeName} is not known: it has ${pods.length} kube-apiserver Pods, and needs one ` +
      `with the annotation ${apiServerEndpointAnnotation}`,
  );
}
