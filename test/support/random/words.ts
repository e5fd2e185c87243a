/** Valid texts of the fields of the configuration API and of flags, by the name of the field. */

/** The paths that the generated inputs use. */
export const paths = {
  config: '/etc/kubeadm/kubeadm.yaml',
  newConfig: '/etc/kubeadm/new.yaml',
  kubeconfig: '/etc/kubeadm/user.conf',
  tokenFile: '/etc/kubeadm/token',
  discovery: '/etc/kubeadm/discovery.conf',
  patches: '/etc/kubeadm/patches',
  pki: '/etc/kubernetes/pki',
} as const;

const address = ['10.11.0.10', '192.168.7.3', 'fd00:11::10'];
const ranges = ['10.96.0.0/16', '172.20.0.0/16', 'fd00:96::/112', '10.96.0.0/16,fd00:96::/112'];
const podRanges = ['10.244.0.0/16', '10.128.0.0/14', 'fd00:244::/56', '10.244.0.0/16,fd00:244::/56'];
const checks = ['Swap', 'all', 'NumCPU', 'Port-6443', 'IsPrivilegedUser'];
const phases = ['preflight', 'addon/kube-proxy', 'certs/ca', 'mark-control-plane'];
const sockets = ['unix:///run/containerd/containerd.sock', '/run/crio/crio.sock'];
const versions = ['v1.36.2', '1.36.0', 'v1.35.4', 'v1.36.3-rc.0', 'v1.36.2+build.5'];

const byName: Readonly<Record<string, readonly string[]>> = {
  advertiseAddress: address,
  apiServerEndpoint: ['10.11.0.10:6443', 'cp.example:6443', '[fd00:11::10]:6443'],
  bindAddress: ['0.0.0.0', '::', '10.0.0.1'],
  caCertHashes: [`sha256:${'0'.repeat(64)}`, `sha256:${'ab'.repeat(32)}`],
  caCertPath: [`${paths.pki}/ca.crt`],
  caFile: [`${paths.pki}/ca.crt`],
  certSANs: ['lb.example.com', '*.wild.example', '10.0.0.9', 'fd00::7'],
  certificatesDir: [paths.pki, '/etc/kubernetes/other', '/etc/kubernetes/pki/'],
  controlPlaneEndpoint: ['cp.example', 'cp.example:8443', '10.1.1.1', '[fd00::9]:6443'],
  criSocket: sockets,
  directory: [paths.patches],
  dnsDomain: ['cluster.local', 'corp.example'],
  effect: ['NoSchedule', 'NoExecute', 'PreferNoSchedule'],
  encryptionAlgorithm: ['ECDSA-P256', 'ECDSA-P384'],
  endpoints: ['https://10.0.0.5:2379', 'https://10.0.0.6:2379'],
  'featureGates key': ['NodeLocalCRISocket', 'RootlessControlPlane', 'PublicKeysECDSA'],
  groups: ['system:bootstrappers:kubeadm:default-node-token', 'system:bootstrappers:x'],
  ignorePreflightErrors: checks,
  imagePullPolicy: ['Always', 'IfNotPresent', 'Never'],
  imageRepository: ['registry.k8s.io', 'registry.example/k8s', 'localhost:5000'],
  imageTag: ['3.6.9-0', 'v1.13.0'],
  key: ['node-role.kubernetes.io/control-plane', 'a'],
  kubeConfigPath: [paths.discovery],
  kubernetesVersion: versions,
  mode: ['iptables', 'nftables', 'ipvs'],
  pathType: ['', 'File', 'DirectoryOrCreate'],
  podSubnet: podRanges,
  serviceSubnet: ranges,
  skipPhases: phases,
  unmountFlags: ['MNT_FORCE', 'MNT_DETACH'],
  usages: ['signing', 'authentication'],
};

const words = ['a', 'x1', 'prod', 'node-1', 'true', '5m', '/opt/a', 'a=b', '10.0.0.1'];

export function goodTexts(name: string): readonly string[] {
  return byName[name] ?? words;
}

const byFlag: Readonly<Record<string, readonly string[]>> = {
  'apiserver-advertise-address': address,
  'apiserver-cert-extra-sans': ['lb.example.com', '10.0.0.9,a.example'],
  'apiserver-extra-args': ['v=2', 'a=b,c=d'],
  'cert-dir': [paths.pki, '/etc/kubeadm/pki'],
  'client-name': ['me', 'system:node:a'],
  'component-configs': ['KubeletConfiguration', 'KubeProxyConfiguration'],
  'control-plane-endpoint': ['cp.example', 'cp.example:8443'],
  config: [paths.config],
  'cri-socket': sockets,
  'discovery-file': [paths.discovery],
  'discovery-token-ca-cert-hash': [`sha256:${'ab'.repeat(32)}`],
  'feature-gates': ['RootlessControlPlane=true', 'NodeLocalCRISocket=false'],
  groups: ['system:bootstrappers:x'],
  'ignore-preflight-errors': checks,
  'image-repository': ['registry.example/k8s'],
  kubeconfig: [paths.kubeconfig, '/etc/kubernetes/admin.conf'],
  'kubeconfig-dir': ['/etc/kubernetes', '/etc/kubeadm/kubeconfigs'],
  'kubernetes-version': versions,
  'new-config': [paths.newConfig],
  'node-name': ['cp1', 'node.example'],
  'old-config': [paths.config],
  org: ['system:masters', 'a,b'],
  output: ['json', 'yaml', 'text', 'short'],
  'output-events': ['json', 'json=/tmp/events.jsonl'],
  'output-result': ['json=/tmp/result.json'],
  patches: [paths.patches],
  'pod-network-cidr': podRanges,
  rootfs: ['/'],
  'service-cidr': ranges,
  'service-dns-domain': ['corp.example'],
  'skip-phases': phases,
  usages: ['signing', 'signing,authentication'],
};

/** Valid values of a flag of type string or strings. */
export function goodFlagTexts(name: string): readonly string[] {
  return byFlag[name] ?? words;
}
