/** Faults of a control plane that runs: a script that makes each one, the first finding of doctor, and a script that mends it. */
import {
  addonConfigured,
  bindSwaps,
  cni,
  expired,
  filesReplaced,
  kubectl,
  manifestEdited,
  manifests,
  newestClientCertificate,
  ofAnotherAuthority,
  pki,
  type Scripts,
  startAtOnce,
  withoutEtcd,
} from './fault-scripts.ts';

export interface RunningFault extends Scripts {
  readonly name: string;
  /** The first finding: its rule, its component, and its summary. */
  readonly rule: string;
  readonly component: string;
  readonly cause: RegExp;
  /** The seconds after the script in which doctor must name the cause. Defaults to 60. */
  readonly withinSeconds?: number;
}

/** containerd notices a file that is written, and not one that is moved into the folder. */
const putConfiguration = `cp /root/kept.conflist ${cni}`;

/** Faults that restart the kubelet come last, because a new kubelet can leave a changed manifest alone for a minute. */
export const runningFaults: readonly RunningFault[] = [
  {
    name: 'the manifest of the API server has an unknown flag',
    ...manifestEdited('kube-apiserver', 's/^    - kube-apiserver$/&\\n    - --nonsense=x/'),
    rule: 'unknown-flag',
    component: 'kube-apiserver',
    cause: /kube-apiserver does not know the flag --nonsense/,
    withinSeconds: 90,
  },
  {
    name: 'a manifest is not YAML',
    ...manifestEdited('kube-scheduler', 's/^spec:$/spec: {{/'),
    rule: 'manifest-unreadable',
    component: 'kube-scheduler',
    cause: /kube-scheduler .*manifest \/etc\/kubernetes\/manifests\/kube-scheduler\.yaml/,
  },
  {
    name: 'a copy of a manifest is left beside it',
    break: `cp ${manifests}/kube-scheduler.yaml ${manifests}/kube-scheduler.yaml.bak`,
    mend: `rm ${manifests}/kube-scheduler.yaml.bak`,
    rule: 'manifest-duplicate',
    component: '/etc/kubernetes/manifests/kube-scheduler.yaml.bak',
    cause: /kube-scheduler\.yaml\.bak is a second manifest of kube-scheduler/,
    withinSeconds: 15,
  },
  {
    name: 'the manifest of the scheduler is removed',
    break: `mv ${manifests}/kube-scheduler.yaml /root/kept.yaml`,
    mend: `mv /root/kept.yaml ${manifests}/kube-scheduler.yaml`,
    rule: 'manifest-missing',
    component: 'kube-scheduler',
    cause: /manifest \/etc\/kubernetes\/manifests\/kube-scheduler\.yaml does not exist/,
    withinSeconds: 15,
  },
  {
    name: 'the API server has too little processor time',
    ...manifestEdited(
      'kube-apiserver',
      's/^        cpu: 250m$/        cpu: 10m/; s/^    resources:$/&\\n      limits:\\n        cpu: 10m/',
    ),
    rule: 'processor-limit',
    component: 'kube-apiserver',
    cause: /kube-apiserver is too slow.*10m of processor time/,
    withinSeconds: 90,
  },
  {
    name: 'the API server has too little memory',
    ...manifestEdited('kube-apiserver', 's/^    resources:$/&\\n      limits:\\n        memory: 20Mi/'),
    rule: 'out-of-memory',
    component: 'kube-apiserver',
    cause: /kube-apiserver runs out of memory and is killed/,
    withinSeconds: 90,
  },
  {
    name: 'the container runtime is stopped',
    break: 'systemctl stop containerd',
    mend: 'systemctl start containerd',
    rule: 'runtime-stopped',
    component: 'containerd',
    cause: /container runtime containerd does not answer.*inactive/,
    withinSeconds: 15,
  },
  {
    name: 'the configuration of the container runtime is not TOML',
    ...filesReplaced(
      ['/etc/containerd/config.toml'],
      'echo "[nonsense" >> /etc/containerd/config.toml; systemctl restart --no-block containerd',
    ),
    rule: 'runtime-stopped',
    component: 'containerd',
    cause: /container runtime containerd does not answer.*config\.toml|toml/i,
  },
  {
    name: 'the database of etcd is truncated',
    ...withoutEtcd(
      'cp -a /var/lib/etcd/member/snap/db /root/kept.db; truncate -s 12288 /var/lib/etcd/member/snap/db',
      'cp -a /root/kept.db /var/lib/etcd/member/snap/db',
    ),
    rule: 'etcd-database-damaged',
    component: 'etcd',
    cause: /etcd cannot start, because its database .*is damaged/,
  },
  {
    name: 'the certificate of etcd is of another authority',
    ...filesReplaced(
      [`${pki}/etcd/server.crt`, `${pki}/etcd/server.key`],
      ofAnotherAuthority(`${pki}/etcd/server`),
    ),
    rule: 'certificate-untrusted',
    component: 'etcd-server',
    cause: /certificate \/etc\/kubernetes\/pki\/etcd\/server\.crt is not signed by/,
    withinSeconds: 15,
  },
  {
    name: 'the key of the API server belongs to another certificate',
    ...filesReplaced(
      [`${pki}/apiserver.key`],
      `openssl genrsa -out ${pki}/apiserver.key 2048 2>/dev/null; pkill -KILL -x kube-apiserver`,
    ),
    rule: 'certificate-key-mismatch',
    component: 'apiserver',
    cause: /private key beside the certificate .*apiserver\.crt belongs to another/,
    withinSeconds: 15,
  },
  {
    name: 'the certificate of the API server has expired',
    ...filesReplaced(
      [`${pki}/apiserver.crt`, `${pki}/apiserver.key`],
      `${expired({
        subject: '/CN=kube-apiserver',
        names: 'DNS:cp,DNS:kubernetes,IP:10.96.0.1,IP:10.88.0.10',
        authority: `${pki}/ca`,
        path: `${pki}/apiserver`,
      })}; pkill -KILL -x kube-apiserver`,
    ),
    rule: 'certificate-expired',
    component: 'apiserver',
    cause: /certificate \/etc\/kubernetes\/pki\/apiserver\.crt has expired at 2021-01-01/,
    withinSeconds: 15,
  },
  {
    name: 'the configuration of the Pod network is removed',
    break: `mv ${cni} /root/kept.conflist`,
    mend: putConfiguration,
    rule: 'pod-network-missing',
    component: 'Pod network',
    cause: /Pod network is not ready.*no network config found in \/etc\/cni\/net\.d/,
  },
  {
    name: 'the configuration of the Pod network is not JSON',
    break: `cp ${cni} /root/kept.conflist; sed 's/"plugins": \\[/"plugins": /' /root/kept.conflist > ${cni}`,
    mend: putConfiguration,
    rule: 'pod-network-missing',
    component: 'Pod network',
    cause: /Pod network is not ready.*10-lab\.conflist.*(invalid character|error parsing)/,
  },
  {
    name: 'the configuration of CoreDNS names an unknown plug-in',
    ...addonConfigured('coredns', 'Corefile', 's/^    errors$/    nonsense/'),
    rule: 'crash-loop',
    component: 'coredns',
    cause: /coredns keeps ending.*Unknown directive 'nonsense'/,
  },
  {
    name: 'the image of CoreDNS is missing',
    break: `${kubectl} set image deployment/coredns coredns=registry.k8s.io/coredns/coredns:v9.9.9`,
    mend: `${kubectl} rollout undo deployment/coredns; ${kubectl} rollout status deployment/coredns --timeout=90s`,
    rule: 'image-missing',
    component: 'coredns',
    cause: /image registry\.k8s\.io\/coredns\/coredns:v9\.9\.9 is not on this node/,
  },
  {
    name: 'the configuration of kube-proxy has an unknown mode',
    ...addonConfigured('kube-proxy', 'config.conf', 's/^mode: .*/mode: nonsense/'),
    rule: 'crash-loop',
    component: 'kube-proxy',
    cause: /kube-proxy keeps ending.*nonsense/,
  },
  {
    name: 'the loopback interface is down',
    break: 'ip link set lo down',
    mend: 'ip link set lo up',
    rule: 'loopback-down',
    component: 'loopback',
    cause: /loopback interface lo is down/,
    withinSeconds: 15,
  },
  {
    name: 'the disk of etcd is full',
    break: 'dd if=/dev/zero of=/var/lib/etcd/filler bs=64k 2>/dev/null || true; sync',
    mend: 'rm /var/lib/etcd/filler',
    rule: 'disk-full',
    component: '/var/lib/etcd',
    cause: /the disk is full: the file system \/var\/lib\/etcd .*no space left on device/,
    withinSeconds: 15,
  },
  {
    name: 'the client certificate of the kubelet has expired',
    break: `systemctl stop kubelet; readlink ${newestClientCertificate} > /root/kept-link
${expired({ subject: '/O=system:nodes/CN=system:node:cp', authority: `${pki}/ca`, path: '/root/ca/kubelet' })}
cat /root/ca/kubelet.crt /root/ca/kubelet.key > /var/lib/kubelet/pki/kubelet-client-old.pem
ln -sfn /var/lib/kubelet/pki/kubelet-client-old.pem ${newestClientCertificate}; systemctl start kubelet`,
    mend: `ln -sfn "$(cat /root/kept-link)" ${newestClientCertificate}; rm /var/lib/kubelet/pki/kubelet-client-old.pem; ${startAtOnce}`,
    rule: 'certificate-expired',
    component: 'kubelet-client',
    cause: /client certificate .*kubelet-client-current\.pem has expired at 2021-01-01/,
    withinSeconds: 15,
  },
  {
    name: 'swap is on, and the kubelet refuses it',
    break: `${bindSwaps}; systemctl restart kubelet`,
    mend: `umount /proc/swaps; ${startAtOnce}`,
    rule: 'kubelet-exits',
    component: 'kubelet',
    cause: /the kubelet exits.*swap/,
  },
  {
    name: 'the configuration of the kubelet is damaged',
    ...filesReplaced(
      ['/var/lib/kubelet/config.yaml'],
      `printf '\\tnonsense: [\\n' >> /var/lib/kubelet/config.yaml; systemctl restart kubelet`,
    ),
    rule: 'kubelet-exits',
    component: 'kubelet',
    cause: /the kubelet exits.*(config file|config\.yaml)/,
  },
  {
    name: 'the kubelet is stopped',
    break: 'systemctl stop kubelet',
    mend: 'systemctl start kubelet',
    rule: 'kubelet-stopped',
    component: 'kubelet',
    cause: /the kubelet does not run: its unit is inactive/,
    withinSeconds: 15,
  },
  {
    name: 'the kubelet is disabled and stopped',
    break: 'systemctl disable --now kubelet 2>/dev/null',
    mend: 'systemctl enable --now kubelet 2>/dev/null',
    rule: 'kubelet-stopped',
    component: 'kubelet',
    cause: /the kubelet does not run: its unit is inactive and disabled/,
    withinSeconds: 15,
  },
  {
    name: 'the kubelet is masked',
    break: 'systemctl stop kubelet; systemctl mask kubelet 2>/dev/null',
    mend: 'systemctl unmask kubelet 2>/dev/null; systemctl enable --now kubelet 2>/dev/null',
    rule: 'kubelet-masked',
    component: 'kubelet',
    cause: /unit kubelet\.service is masked/,
    withinSeconds: 15,
  },
];
