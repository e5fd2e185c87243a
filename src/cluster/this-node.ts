/** What the cluster knows of the node that this program runs on. Source: util/config/cluster.go. */
import { X509Certificate } from 'node:crypto';
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { KubeadmError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { splitHostPort } from '../lib/host-port.ts';
import { apiServerEndpointAnnotation, kubeletConf, kubernetesDir } from '../names.ts';

const nodeUserPrefix = 'system:node:';

/** By the certificate in kubelet.conf; where there is none, the host name. */
export async function readNodeName({ files, net }: Pick<Host, 'files' | 'net'>): Promise<string> {
  const byCertificate = await nameInCertificate({ files }).catch(() => undefined);
  return byCertificate ?? (await net.hostname()).trim().toLowerCase();
}

async function nameInCertificate({ files }: Pick<Host, 'files'>): Promise<string | undefined> {
  const config = await loadKubeconfig({ files }, `${kubernetesDir}/${kubeletConf}`);
  const context = config.contexts.find(({ name }) => name === config.currentContext);
  const pem = config.users.find(({ name }) => name === context?.user)?.clientCertificateData;
  if (pem === undefined) return undefined;
  const name = /^CN=(.*)$/m.exec(new X509Certificate(pem).subject)?.[1];
  return name?.startsWith(nodeUserPrefix) === true ? name.slice(nodeUserPrefix.length) : name;
}

/**
 * The address that this node's API server tells its clients, from the annotation of its Pod.
 *
 * @throws KubeadmError `kube-api` when the node has no API server Pod with it
 */
export async function readAdvertiseAddress(client: KubeClient, nodeName: string): Promise<string> {
  const pods = await client.list('v1', 'Pod', {
    namespace: 'kube-system',
    labelSelector: 'component=kube-apiserver,tier=control-plane',
    fieldSelector: `spec.nodeName=${nodeName}`,
  });
  const endpoint =
    pods.length === 1 ? pods[0]?.metadata.annotations?.[apiServerEndpointAnnotation] : undefined;
  const address = endpoint === undefined ? undefined : splitHostPort(endpoint)?.host;
  if (address !== undefined) return address;
  throw new KubeadmError(
    'kube-api',
    `the API endpoint of node ${nodeName} is not known: of its ${pods.length} kube-apiserver Pods none has the ` +
      `annotation ${apiServerEndpointAnnotation}`,
  );
}
