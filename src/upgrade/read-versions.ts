/** Reads which versions run in a cluster. Source: cmd/kubeadm/app/phases/upgrade/versiongetter.go. */

import { corednsDeploymentIn } from '../addons/deployed-coredns.ts';
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { KubeadmError } from '../errors.ts';
import { firstImage, tagOf, versionOfImage } from '../images.ts';
import { at } from '../lib/is-record.ts';
import { parseSemanticVersion, type SemanticVersion } from '../lib/semantic-version.ts';
import { type ClusterVersions, type NodesByVersion, nodesByVersion } from './cluster-versions.ts';

/** @throws KubeadmError `refused` if there is more than one Deployment of CoreDNS; KubeApiError; NetError */
export async function readClusterVersions(client: KubeClient, signal: AbortSignal): Promise<ClusterVersions> {
  const component = (name: string) => readComponent(client, name, signal);
  const [kubelets, kubeApiserver, kubeControllerManager, kubeScheduler, etcd, coredns] = await Promise.all([
    readKubelets(client, signal),
    component('kube-apiserver'),
    component('kube-controller-manager'),
    component('kube-scheduler'),
    component('etcd'),
    readCoredns(client, signal),
  ]);
  return { kubelets, kubeApiserver, kubeControllerManager, kubeScheduler, etcd, coredns };
}

/** The nodes by the version of their kubelet. */
export async function readKubelets(client: KubeClient, signal: AbortSignal): Promise<NodesByVersion> {
  const { items } = await client.list('v1', 'Node', { signal });
  return nodesByVersion(
    items.map((node) => ({
      version: String(at(node, 'status', 'nodeInfo', 'kubeletVersion') ?? ''),
      node: node.metadata.name,
    })),
  );
}

async function readComponent(
  client: KubeClient,
  component: string,
  signal: AbortSignal,
): Promise<NodesByVersion> {
  const labelSelector = `component=${component},tier=control-plane`;
  const { items } = await client.list('v1', 'Pod', { namespace: 'kube-system', labelSelector, signal });
  return nodesByVersion(
    items.map((pod) => ({
      version: versionOfImage(firstImage(at(pod, 'spec'))),
      node: String(at(pod, 'spec', 'nodeName') ?? ''),
    })),
  );
}

/** The tag of the image of CoreDNS; empty without a Deployment. */
async function readCoredns(client: KubeClient, signal: AbortSignal): Promise<string> {
  const options = { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns', signal };
  const { items } = await client.list('apps/v1', 'Deployment', options);
  return tagOf(firstImage(at(corednsDeploymentIn(items), 'spec', 'template', 'spec')));
}

/** The version that the API server reports. @throws KubeadmError `kube-api`; NetError */
export async function readServerVersion(client: KubeClient, signal: AbortSignal): Promise<SemanticVersion> {
  const { body, status } = await client.raw('/version', { signal });
  const text = status === 200 ? at(parsed(body), 'gitVersion') : undefined;
  const version = typeof text === 'string' ? parseSemanticVersion(text) : undefined;
  if (version !== undefined) return version;
  const answer = JSON.stringify(body.slice(0, 80));
  throw new KubeadmError(
    'kube-api',
    `the API server at ${client.server} does not name its version: status ${status}, ${answer}`,
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
