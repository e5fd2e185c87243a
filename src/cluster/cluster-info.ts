import type { KubeObject } from '../clients/kube/kube-client.ts';
import type { KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { clusterInfoConfigMap } from '../names.ts';

/**
 * Returns the ConfigMap kube-public/cluster-info with the address and the CA of the API server, for nodes that join. The
 * controller manager signs it for every token. Source: phases/bootstraptoken/clusterinfo.
 *
 * @param cluster the cluster of admin.conf, not the local endpoint
 */
export function clusterInfo(cluster: KubeconfigCluster): KubeObject {
  const ca = cluster.certificateAuthorityData;
  const data = ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: '', cluster: { ...data, server: cluster.server } }],
    contexts: null,
    'current-context': '',
    users: null,
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: clusterInfoConfigMap, namespace: 'kube-public' },
    data: { kubeconfig: toYaml(kubeconfig) },
  };
}
