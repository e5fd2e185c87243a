/**
 * The cluster that a dry run of `join` makes up if the real one does not answer. It has the same settings as the one of
 * upstream, so that both dry runs have the same results. Source: cmd/kubeadm/app/util/apiclient/dryrun.go.
 */
import type { KubeObject, ObjectRef } from '../../clients/kube/kube-client.ts';
import { toYaml } from '../../lib/yaml/write.ts';
import {
  certsSecret,
  clusterInfoConfigMap,
  kubeadmConfigMap,
  kubeletConfigMap,
  kubeProxyConfigMap,
  signatureKeyPrefix,
} from '../../names.ts';
import { minimumControlPlaneVersion } from '../../versions.ts';

const endpoint = '192.168.0.101:6443';

/** A discovery that fits the ConfigMap cluster-info of this cluster. The token is made up, so it is not a secret. */
export const madeUpDiscovery = {
  token: 'abcdef.abcdef0123456789',
  caCertHash: 'sha256:3b793efefe27a19f93b0fbe6e637e9c41d0dde8a377d6ab1c0f656bf1136dd8a',
  apiServerEndpoint: endpoint,
} as const;

export const madeUpServer = `https://${endpoint}`;

/** Base64 of the PEM. Nobody has its key. */
const authority =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURCVENDQWUyZ0F3SUJBZ0lJTkpmdGFCK09Xd0F3RFFZSktvWklodmNOQVFFTEJRQXdG' +
  'VEVUTUJFR0ExVUUKQXhNS2EzVmlaWEp1WlhSbGN6QWVGdzB5TkRBM01EZ3hNalF3TURSYUZ3MHpOREEzTURZeE1qUTFNRFJhTUJVeApFekFS' +
  'QmdOVkJBTVRDbXQxWW1WeWJtVjBaWE13Z2dFaU1BMEdDU3FHU0liM0RRRUJBUVVBQTRJQkR3QXdnZ0VLCkFvSUJBUURhUURkaWdPeVdpbTZX' +
  'LzQ4bjNQSG9WZVZCU2lkNldjbmRFV3VVcTVnQldYZGx0OTk2aCtWbkl0bHQKOHpDaGwvb1I1V2ZSYVJDODA1WitvTW4vWThJR1ZRM3QxaG55' +
  'SW1ZbjR3M3Z6UlhvdUdlQmVpdTJTU1ZqZ0J3agpYanliYk1DbXJBZEljYkllWm1INjZldjV6KzVZS21aUlVZYzNoRGFIcFhkMEVFblp5SlY1' +
  'd2FaczBYTVFVSE03CmVxT1pBWko5L21PM05VQnBsdnJQbnBPTUs3a1NFUFBnNzVjVTdXSG9KSEZrZVlXNTkzZ3NnQ3MyQnRVdTY0Y3EKYlZY' +
  'OWJpZ3JZZGRwWmtvRUtLeFU4SEl3SHNJNVY4Um9uM21LRkdsckUxN2IybC84Q3FtQXVPdnl6TEllaVFHWAplZ0lhUi9uUkhISUQ5QVRpNnRY' +
  'OEVhRERwZXYvQWdNQkFBR2pXVEJYTUE0R0ExVWREd0VCL3dRRUF3SUNwREFQCkJnTlZIUk1CQWY4RUJUQURBUUgvTUIwR0ExVWREZ1FXQkJR' +
  'WWFDRGU2eXVWcVNhV1Y3M3pMaldtR2hpYVR6QVYKQmdOVkhSRUVEakFNZ2dwcmRXSmxjbTVsZEdWek1BMEdDU3FHU0liM0RRRUJDd1VBQTRJ' +
  'QkFRQ2NlTW5uaVBhcQpHUkVqR3A2WFJTN1FFWW1RcmJFZCtUVjVKUTE4byttVzZvR3BaOENBM0pBSFFETk5QRW1QYzB5dVhEeE85QkZYCmJn' +
  'MlhSSCtLTkozVzJKZlExVEgzVFhKRWF4Zkh1WDRtQjU5UkNsQzExNGtsV2RIeDFqN0FtRWt1eTZ0ZGpuYWkKZmh0U0dueEEwM2JwN2I4Z28z' +
  'SWpXNE5wV1JOMVdHNTl2YTBKOEJIRmg3Q0RpZUxuK0RNdUk2M0Jna1kveTJzMApML2RtOVBmcWdVSzFBMy8wZGhDVjZiRUNqekEzSkJld21k' +
  'SC8rVUJPeVkybUMwNVlQMzNkMHA5eXlrYmtkWE5xCkRONXlBc3ZNUC9PV0NuQjFlQlFUb2pNODJMU3F3dHZtbU1SNHRXYXVoOXVkVktHY2s0' +
  'eEJaV3Vkcm5LRFVVWEkKUURNUFJnSkMvTng0Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K';

/** The text is signed, so that not a byte of it may change. */
export const madeUpKubeconfig = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${authority}
    server: ${madeUpServer}
  name: ""
contexts: null
current-context: ""
kind: Config
users: null
`;

/** HS256 of `madeUpKubeconfig` with `madeUpDiscovery.token`. */
const signature = 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9..rh3cVKiU2mdt3CqHzC81sNE-4WQLRHMtXduHWfSbrIM';

const clusterConfiguration = {
  apiServer: {},
  apiVersion: 'kubeadm.k8s.io/v1beta4',
  caCertificateValidityPeriod: '87600h0m0s',
  certificateValidityPeriod: '100h0m0s',
  certificatesDir: '/etc/kubernetes/pki',
  clusterName: 'kubernetes',
  controllerManager: { extraArgs: [{ name: 'cluster-signing-duration', value: '24h' }] },
  controlPlaneEndpoint: endpoint,
  dns: {},
  encryptionAlgorithm: 'RSA-2048',
  etcd: { local: { dataDir: '/var/lib/etcd' } },
  imageRepository: 'registry.k8s.io',
  kind: 'ClusterConfiguration',
  kubernetesVersion: `v${minimumControlPlaneVersion}`,
  networking: { dnsDomain: 'cluster.local', podSubnet: '192.168.0.0/16', serviceSubnet: '10.96.0.0/12' },
  proxy: {},
  scheduler: {},
};

const kubeletConfiguration = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
  },
  authorization: { mode: 'Webhook' },
  cgroupDriver: 'systemd',
  clusterDNS: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  healthzBindAddress: '127.0.0.1',
  healthzPort: 10248,
  kind: 'KubeletConfiguration',
  memorySwap: {},
  resolvConf: '/run/systemd/resolve/resolv.conf',
  rotateCertificates: true,
  staticPodPath: '/etc/kubernetes/manifests',
};

const kubeProxyConfiguration = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  bindAddress: '0.0.0.0',
  bindAddressHardFail: false,
  clientConnection: { kubeconfig: '/var/lib/kube-proxy/kubeconfig.conf' },
  clusterCIDR: '192.168.0.0/16',
  kind: 'KubeProxyConfiguration',
};

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';
const kubeProxyKubeconfig = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [
    {
      cluster: { 'certificate-authority': `${serviceAccount}/ca.crt`, server: madeUpServer },
      name: 'default',
    },
  ],
  contexts: [{ context: { cluster: 'default', namespace: 'default', user: 'default' }, name: 'default' }],
  'current-context': 'default',
  users: [{ name: 'default', user: { tokenFile: `${serviceAccount}/token` } }],
};

/** The certificates are empty, so that a control plane that joins makes its own. */
const certificates = ['ca', 'front-proxy-ca', 'etcd-ca'].flatMap((name) => [`${name}.crt`, `${name}.key`]);

const objects: readonly KubeObject[] = [
  configMap(clusterInfoConfigMap, 'kube-public', {
    [`${signatureKeyPrefix}${madeUpDiscovery.token.slice(0, 6)}`]: signature,
    kubeconfig: madeUpKubeconfig,
  }),
  configMap(kubeadmConfigMap, 'kube-system', { ClusterConfiguration: text(clusterConfiguration) }),
  configMap(kubeletConfigMap, 'kube-system', { kubelet: text(kubeletConfiguration) }),
  configMap(kubeProxyConfigMap, 'kube-system', {
    'config.conf': text(kubeProxyConfiguration),
    'kubeconfig.conf': text(kubeProxyKubeconfig),
  }),
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: certsSecret, namespace: 'kube-system' },
    data: Object.fromEntries([...certificates, 'sa.key', 'sa.pub'].map((name) => [name, ''])),
  },
];

/** Returns the object of the made-up cluster; undefined if it has none. */
export function madeUpObject({ kind, name, namespace }: ObjectRef): KubeObject | undefined {
  return objects.find(
    ({ kind: ofKind, metadata }) =>
      ofKind === kind && metadata.name === name && metadata.namespace === namespace,
  );
}

function configMap(name: string, namespace: string, data: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

function text(value: unknown): string {
  return `${toYaml(value)}\n`;
}
