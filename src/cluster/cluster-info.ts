import type { KubeObject } from '../clients/kube/kube-client.ts';
import type { KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { clusterInfoConfigMap } from '../names.ts';

/**
 * ConfigMap kube-public/cluster-info: where the API server is and which CA it has, for nodes that join. The
 * controller manager signs it for every token. Source: phases/bootstraptoken/clusterinfo.
 *
 * @param cluster as admin.conf has it, not the local endpoint
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
