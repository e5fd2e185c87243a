/** The cluster that a dry run of `upgrade` makes up without a kubeconfig. Source: app/util/apiclient/dryrun.go. */
import type { KubeObject } from '../../clients/kube/kube-client.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { apiServerEndpointAnnotation, hostnameLabel, staticPods } from '../../names.ts';
import { ownRelease } from '../../releases/index.ts';
import { currentKubernetesVersion, minimumControlPlaneVersion } from '../../versions.ts';
import { type MadeUp, madeUp } from './made-up.ts';
import { madeUpObject, madeUpServer } from './made-up-cluster.ts';

const namespace = 'kube-system';

/** It has no credentials, because its server is never asked. */
export const madeUpAdministrator: Kubeconfig = {
  clusters: [{ name: 'kubernetes', server: madeUpServer }],
  users: [{ name: 'kubernetes-admin' }],
  contexts: [{ name: 'kubernetes-admin@kubernetes', cluster: 'kubernetes', user: 'kubernetes-admin' }],
  currentContext: 'kubernetes-admin@kubernetes',
};

/** A cluster with one control plane, which is this node. */
export function madeUpUpgrade(nodeName: string): MadeUp {
  return {
    ...madeUp.upgrade,
    cluster: { server: madeUpServer, find: madeUpObject },
    answer: { status: 200, body: JSON.stringify({ gitVersion: `v${currentKubernetesVersion}` }) },
    seed: [nodeOf(nodeName), ...staticPods.map((name) => podOf(name, nodeName)), ...coredns()],
  };
}

function nodeOf(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [hostnameLabel]: name } },
    status: { nodeInfo: { kubeletVersion: `v${minimumControlPlaneVersion}` } },
  };
}

function podOf(component: string, nodeName: string): KubeObject {
  const annotations = { [apiServerEndpointAnnotation]: new URL(madeUpServer).host };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${component}-${nodeName}`,
      namespace,
      labels: { component, tier: 'control-plane' },
      ...(component === 'kube-apiserver' ? { annotations } : {}),
    },
    spec: { nodeName, containers: [{ name: component, image: `registry.k8s.io/${component}:v1.1.1` }] },
    status: { phase: 'Running' },
  };
}

function coredns(): readonly KubeObject[] {
  const image = `registry.k8s.io/coredns/coredns:${ownRelease.images.coredns}`;
  const metadata = { name: 'coredns', namespace, labels: { 'k8s-app': 'kube-dns' } };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'coredns', namespace }, data: { Corefile: '' } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { template: { spec: { containers: [{ name: 'coredns', image }] } } },
    },
  ];
}
