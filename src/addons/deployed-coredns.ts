import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { KubeApiError, KubeadmError } from '../errors.ts';
import { firstImage, tagOf } from '../images.ts';
import { at } from '../lib/is-record.ts';

/**
 * The Deployment of CoreDNS among those with its label; undefined if the cluster has none.
 *
 * @throws KubeadmError `refused` if there is more than one
 */
export function corednsDeploymentIn(deployments: readonly KubeObject[]): KubeObject | undefined {
  const [deployment, ...others] = deployments;
  if (others.length === 0) return deployment;
  const names = deployments.map(({ metadata }) => metadata.name).join(', ');
  throw new KubeadmError('refused', `there is more than one DNS Deployment in kube-system: ${names}`, {
    hint: 'Keep one Deployment with the label k8s-app=kube-dns.',
  });
}

export interface DeployedCoredns {
  readonly corefile: string;
  /** The version without a leading v; empty if the image has no tag. */
  readonly version: string;
}

/**
 * Reads the Corefile and the version of the CoreDNS of a cluster; undefined if the cluster does not have both.
 *
 * @throws KubeadmError `refused` without the key Corefile, or with more than one Deployment; KubeApiError; NetError
 */
export async function readDeployedCoredns(
  client: KubeClient,
  signal: AbortSignal,
): Promise<DeployedCoredns | undefined> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'coredns', namespace: 'kube-system' };
  const list = { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns', signal };
  const [configMap, deployments] = await Promise.all([
    client.get(ref, { signal }).catch((error: unknown) => {
      if (error instanceof KubeApiError && error.status === 404) return undefined;
      throw error;
    }),
    client.list('apps/v1', 'Deployment', list),
  ]);
  const deployment = corednsDeploymentIn(deployments.items);
  if (configMap === undefined || deployment === undefined) return undefined;
  const corefile = at(configMap, 'data', 'Corefile');
  if (typeof corefile !== 'string') throw withoutCorefile();
  const tag = tagOf(firstImage(at(deployment, 'spec', 'template', 'spec')));
  return { corefile, version: tag.replace(/^v+/, '') };
}

export function withoutCorefile(): KubeadmError {
  return new KubeadmError('refused', 'ConfigMap kube-system/coredns has no key Corefile', {
    hint: 'Put the Corefile back, or delete the ConfigMap and run the phase again.',
  });
}
