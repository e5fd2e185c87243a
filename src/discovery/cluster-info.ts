/** The content of the ConfigMap kube-public/cluster-info. */
import type { KubeObject, ObjectRef } from '../clients/kube/kube-client.ts';
import { messageOf } from '../errors.ts';
import type { KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { parseKubeconfig } from '../kubeconfig/parse.ts';
import { parseServerAddress } from '../kubeconfig/server-address.ts';
import { at, isRecord } from '../lib/is-record.ts';
import { clusterInfoConfigMap, signatureKeyPrefix } from '../names.ts';
import { clusterToJoin } from './cluster-to-join.ts';
import type { Obstacle } from './obstacles.ts';
import { distrust } from './refusals.ts';

export const clusterInfoRef: ObjectRef = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: clusterInfoConfigMap,
  namespace: 'kube-public',
};

const askForRepair =
  'Run "kubeadm init phase bootstrap-token" on a control plane node, which writes it again.';

/** The text of the kubeconfig; empty if there is none. */
export function kubeconfigTextOf(clusterInfo: KubeObject): string {
  const text = at(clusterInfo, 'data', 'kubeconfig');
  return typeof text === 'string' ? text : '';
}

/** The signature with the token of this id; undefined if there is none. */
export function signatureOf(clusterInfo: KubeObject, tokenId: string): string | undefined {
  const signature = at(clusterInfo, 'data', signatureKeyPrefix + tokenId);
  return typeof signature === 'string' ? signature : undefined;
}

/**
 * Returns the cluster of the kubeconfig in cluster-info. Call this only when the text is proved.
 *
 * @throws KubeadmError `discovery-failed`
 */
export function clusterOf(text: string): KubeconfigCluster {
  const where = `the kubeconfig in the ConfigMap ${clusterInfoConfigMap}`;
  const fail = (problem: string, cause?: unknown): never => {
    throw distrust('kubeconfig-unusable', `${where} cannot be used: ${problem}`, {
      hint: askForRepair,
      cause,
    });
  };
  try {
    const kubeconfig = parseKubeconfig(text, where);
    const { length } = kubeconfig.clusters;
    if (length !== 1) return fail(`it has ${length} clusters instead of one`);
    const cluster = clusterToJoin(kubeconfig, where);
    const { scheme, shown } = parseServerAddress(cluster.server);
    return scheme === 'https' ? cluster : fail(`its server ${shown} does not use https`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'discovery-failed') throw error;
    return fail(messageOf(error), error);
  }
}

/** A controller manager that works signs within a second. One that takes over the work needs up to 20 s before that. */
const signerPatienceMs = 30_000;
/** After this age of cluster-info, the first controller manager of the cluster has had its time. */
const youngMs = 120_000;

/**
 * The obstacle that cluster-info has no signature with the token. While the cluster is new and nothing is signed yet, it
 * may last until the time limit.
 */
export function missingSignature(clusterInfo: KubeObject, tokenId: string, now: Date): Obstacle {
  const data = isRecord(clusterInfo.data) ? clusterInfo.data : {};
  const signed = Object.keys(data).some((key) => key.startsWith(signatureKeyPrefix));
  const created = Date.parse(String(clusterInfo.metadata.creationTimestamp));
  const young = now.getTime() - created < youngMs;
  return {
    reason: 'signature-missing',
    message: `the ConfigMap ${clusterInfoConfigMap} has no signature with the token ${tokenId}`,
    explanation:
      'The token is unknown to this cluster, has expired or does not have the usage "signing"' +
      (signed ? '' : ', or the controller manager does not run'),
    hint: 'Run "kubeadm token create --print-join-command" on a control plane node, and use the command that it prints.',
    ...(young && !signed ? {} : { patienceMs: signerPatienceMs }),
  };
}
