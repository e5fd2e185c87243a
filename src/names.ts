/** Names, paths and numbers that users, scripts and the cluster rely on. Source: cmd/kubeadm/app/constants. */

/** API group of kubeadm's own configuration. */
export const kubeadmGroup = 'kubeadm.k8s.io';

export const kubernetesDir = '/etc/kubernetes';
export const manifestsDir = '/etc/kubernetes/manifests';
/** The components of a control plane, by the names of their static Pods and containers. */
export const controlPlaneComponents = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
] as const;
/** The names of all static Pods that kubeadm makes. */
export const staticPods = [...controlPlaneComponents, 'etcd'] as const;
/** Returns the path of the manifest of a static Pod, such as `kube-apiserver` or `etcd`. */
export const manifestPath = (component: string): string => `${manifestsDir}/${component}.yaml`;
export const kubeletDir = '/var/lib/kubelet';
export const temporaryDir = '/etc/kubernetes/tmp';
export const defaultCertificatesDir = '/etc/kubernetes/pki';
export const defaultEtcdDataDir = '/var/lib/etcd';
/** The folder for the record of a run. Upstream does not have it. */
export const stateDir = '/var/lib/kubeadm';
export const runRecordFile = `${stateDir}/unfinished-run.json`;

export const adminConf = 'admin.conf';
export const superAdminConf = 'super-admin.conf';
export const kubeletConf = 'kubelet.conf';
export const bootstrapKubeletConf = 'bootstrap-kubelet.conf';
export const controllerManagerConf = 'controller-manager.conf';
export const schedulerConf = 'scheduler.conf';
/** All files that kubeadm writes into the folder of kubeconfigs, in the order in which reset removes them. */
export const kubeconfigFiles: readonly string[] = [
  adminConf,
  superAdminConf,
  kubeletConf,
  bootstrapKubeletConf,
  controllerManagerConf,
  schedulerConf,
];

export const kubeletConfigFile = '/var/lib/kubelet/config.yaml';
export const kubeletInstanceConfigFile = '/var/lib/kubelet/instance-config.yaml';
export const kubeletEnvFile = '/var/lib/kubelet/kubeadm-flags.env';

export const defaultCriSocket = 'unix:///var/run/containerd/containerd.sock';
/** The sockets of container runtimes, in the order in which kubeadm searches for them. */
export const knownCriSockets = [
  defaultCriSocket,
  'unix:///var/run/crio/crio.sock',
  'unix:///var/run/cri-dockerd.sock',
] as const;

export const controlPlaneLabel = 'node-role.kubernetes.io/control-plane';
export const excludeFromLoadBalancersLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';
export const hostnameLabel = 'kubernetes.io/hostname';
export const apiServerEndpointAnnotation = 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint';
export const etcdClientUrlsAnnotation = 'kubeadm.kubernetes.io/etcd.advertise-client-urls';
/** The annotation of a mirror Pod that has the hash of its static Pod. The hash is also the UID of the static Pod. */
export const configHashAnnotation = 'kubernetes.io/config.hash';
/** The annotation of a Node with the socket of its container runtime. Only older releases of kubeadm write it. */
export const criSocketAnnotation = 'kubeadm.alpha.kubernetes.io/cri-socket';
export const componentConfigHashAnnotation = 'kubeadm.kubernetes.io/component-config.hash';

export const defaultNodeTokenGroup = 'system:bootstrappers:kubeadm:default-node-token';
export const clusterAdminsGroup = 'kubeadm:cluster-admins';
export const clusterAdminsBinding = 'kubeadm:cluster-admins';
export const nodesGroup = 'system:nodes';

export const kubeadmConfigMap = 'kubeadm-config';
export const kubeletConfigMap = 'kubelet-config';
export const kubeProxyConfigMap = 'kube-proxy';
export const certsSecret = 'kubeadm-certs';
export const clusterInfoConfigMap = 'cluster-info';
/** The key of a signature in cluster-info is this prefix and the id of the token. */
export const signatureKeyPrefix = 'jws-kubeconfig-';

export const ports = {
  apiServer: 6443,
  kubelet: 10250,
  kubeletHealthz: 10248,
  controllerManager: 10257,
  scheduler: 10259,
  etcdClient: 2379,
  etcdPeer: 2380,
  etcdMetrics: 2381,
} as const;

/** The time limit of one request to the API server. */
export const apiRequestTimeoutMs = 10_000;
