/**
 * A table of the things that contain the value of each configuration field. If a command keeps a thing, such as a
 * certificate or the data of etcd, it still has the old value after the field has changed. If a command writes a thing
 * again, it gets the new value. The run record uses the table to refuse changes.
 */

export type BakedInto =
  /**
   * Certificates, by their names in `kubeadm certs renew` or the names of the CAs. `names` defaults to all certificates
   * and `sa.key`.
   */
  | { readonly kind: 'certificate'; readonly names?: readonly string[] }
  /** Kubeconfigs in /etc/kubernetes, by their file names. `files` defaults to all. */
  | { readonly kind: 'kubeconfig'; readonly files?: readonly string[] }
  /** The data that the etcd member on this node has stored about itself. */
  | { readonly kind: 'etcd-data' }
  /** Data that Kubernetes cannot change after the API server has stored it, and the place of that data. */
  | { readonly kind: 'immutable' }
  /** The owners of files, and the accounts of the machine. */
  | { readonly kind: 'file-owners' }
  /** A manifest in /etc/kubernetes/manifests. Every `init` and `upgrade` writes it again. */
  | { readonly kind: 'static-pod'; readonly component: Component }
  /** A configuration file of the kubelet, or its flags. Every `init` writes them again. */
  | { readonly kind: 'kubelet-file' }
  /** An object in the cluster. Every `init` applies it again. */
  | { readonly kind: 'cluster-object'; readonly name: ClusterObject };

type Component = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';
type ClusterObject =
  | 'bootstrap-token'
  | 'cluster-info'
  | 'coredns'
  | 'kube-proxy'
  | 'kubeadm-certs'
  | 'kubeadm-config'
  | 'kubelet-config'
  | 'node';

const everyCertificate = { kind: 'certificate' } as const;
const everyKubeconfig = { kind: 'kubeconfig' } as const;
const etcdData = { kind: 'etcd-data' } as const;
const immutable = { kind: 'immutable' } as const;
const kubeletFile = { kind: 'kubelet-file' } as const;
const clusterConfig = object('kubeadm-config');
const controlPlane = [
  staticPod('kube-apiserver'),
  staticPod('kube-controller-manager'),
  staticPod('kube-scheduler'),
];
const etcdCertificates = ['etcd-server', 'etcd-peer'];
const leafCertificates = [
  'apiserver',
  'apiserver-kubelet-client',
  'front-proxy-client',
  'apiserver-etcd-client',
  'etcd-healthcheck-client',
  ...etcdCertificates,
];

function certificates(...names: readonly string[]): BakedInto {
  return { kind: 'certificate', names };
}

function staticPod(component: Component): BakedInto {
  return { kind: 'static-pod', component };
}

function object(name: ClusterObject): BakedInto {
  return { kind: 'cluster-object', name };
}

const endpoint: Rows = {
  advertiseAddress: [
    certificates('apiserver', ...etcdCertificates),
    everyKubeconfig,
    etcdData,
    staticPod('kube-apiserver'),
    staticPod('etcd'),
    object('cluster-info'),
  ],
  bindPort: [everyKubeconfig, staticPod('kube-apiserver'), object('cluster-info')],
};

const nodeRegistration: Rows = {
  name: [
    certificates('apiserver', ...etcdCertificates),
    { kind: 'kubeconfig', files: ['kubelet.conf'] },
    etcdData,
    staticPod('etcd'),
    kubeletFile,
    object('node'),
  ],
  criSocket: [kubeletFile, object('node')],
  taints: [kubeletFile, object('node')],
  kubeletExtraArgs: [kubeletFile],
  ignorePreflightErrors: [],
  imagePullPolicy: [],
  imagePullSerial: [],
};

const patches = [...controlPlane, staticPod('etcd'), kubeletFile];

type Rows = Readonly<Record<string, readonly BakedInto[]>>;

/**
 * Maps the path of a field, with its kind, to the things that contain its value. The list is empty if the field only
 * changes how a command runs. A row applies to all fields below it that have no row of their own. Paths have no list
 * indices.
 */
export const bakedIn: Rows = {
  ...below('InitConfiguration', {
    apiVersion: [],
    kind: [],
    bootstrapTokens: [object('bootstrap-token'), object('cluster-info')],
    certificateKey: [object('kubeadm-certs')],
    dryRun: [],
    skipPhases: [],
    patches,
    timeouts: [],
    ...below('nodeRegistration', nodeRegistration),
    ...below('localAPIEndpoint', endpoint),
  }),
  ...below('ClusterConfiguration', {
    apiVersion: [],
    kind: [],
    'apiServer.certSANs': [certificates('apiserver'), clusterConfig],
    apiServer: [staticPod('kube-apiserver'), clusterConfig],
    controllerManager: [staticPod('kube-controller-manager'), clusterConfig],
    scheduler: [staticPod('kube-scheduler'), clusterConfig],
    caCertificateValidityPeriod: [certificates('ca', 'front-proxy-ca', 'etcd-ca'), clusterConfig],
    certificateValidityPeriod: [certificates(...leafCertificates), everyKubeconfig, clusterConfig],
    certificatesDir: [everyCertificate, ...controlPlane, staticPod('etcd'), clusterConfig],
    clusterName: [everyKubeconfig, staticPod('kube-controller-manager'), clusterConfig],
    controlPlaneEndpoint: [
      certificates('apiserver'),
      everyKubeconfig,
      clusterConfig,
      object('cluster-info'),
      object('kube-proxy'),
    ],
    dns: [object('coredns'), clusterConfig],
    proxy: [object('kube-proxy'), clusterConfig],
    encryptionAlgorithm: [everyCertificate, everyKubeconfig, clusterConfig],
    'etcd.local': [staticPod('etcd'), clusterConfig],
    'etcd.local.dataDir': [etcdData, staticPod('etcd'), clusterConfig],
    'etcd.local.peerCertSANs': [certificates('etcd-peer'), clusterConfig],
    'etcd.local.serverCertSANs': [certificates('etcd-server'), clusterConfig],
    'etcd.external': [staticPod('kube-apiserver'), clusterConfig],
    'etcd.external.endpoints': [immutable, staticPod('kube-apiserver'), clusterConfig],
    featureGates: [...controlPlane, kubeletFile, clusterConfig],
    'featureGates.PublicKeysECDSA': [everyCertificate, everyKubeconfig, clusterConfig],
    'featureGates.RootlessControlPlane': [
      { kind: 'file-owners' },
      ...controlPlane,
      staticPod('etcd'),
      clusterConfig,
    ],
    imageRepository: [
      ...controlPlane,
      staticPod('etcd'),
      object('coredns'),
      object('kube-proxy'),
      clusterConfig,
    ],
    kubernetesVersion: [...controlPlane, staticPod('etcd'), object('kube-proxy'), clusterConfig],
    'networking.dnsDomain': [
      certificates('apiserver'),
      immutable,
      kubeletFile,
      object('coredns'),
      clusterConfig,
    ],
    'networking.podSubnet': [
      immutable,
      staticPod('kube-controller-manager'),
      object('kube-proxy'),
      clusterConfig,
    ],
    'networking.serviceSubnet': [
      certificates('apiserver'),
      immutable,
      staticPod('kube-apiserver'),
      staticPod('kube-controller-manager'),
      kubeletFile,
      object('coredns'),
      clusterConfig,
    ],
  }),
  ...below('JoinConfiguration', {
    apiVersion: [],
    kind: [],
    caCertPath: [],
    discovery: [{ kind: 'kubeconfig', files: ['bootstrap-kubelet.conf', 'kubelet.conf'] }],
    dryRun: [],
    skipPhases: [],
    patches,
    timeouts: [],
    'controlPlane.certificateKey': [],
    ...below('nodeRegistration', nodeRegistration),
    ...below('controlPlane.localAPIEndpoint', endpoint),
  }),
  ResetConfiguration: [],
  UpgradeConfiguration: [],
  'UpgradeConfiguration.apply.kubernetesVersion': [...controlPlane, staticPod('etcd'), clusterConfig],
  KubeletConfiguration: [kubeletFile, object('kubelet-config')],
  KubeProxyConfiguration: [object('kube-proxy')],
};

/**
 * @param path such as `ClusterConfiguration.apiServer.extraArgs`, without list indices
 * @returns undefined if no row applies to the field
 */
export function whatHolds(path: string): readonly BakedInto[] | undefined {
  for (let row = path; row !== ''; row = row.slice(0, Math.max(0, row.lastIndexOf('.')))) {
    const found = bakedIn[row];
    if (found !== undefined) return found;
  }
  return undefined;
}

function below(parent: string, rows: Rows): Rows {
  return Object.fromEntries(Object.entries(rows).map(([path, into]) => [`${parent}.${path}`, into]));
}
