/** Faults of a node that runs init, with what the first line of the error must name. */
import { argument, missingImage, type Preparation, replaceProgram } from './faulty-node.ts';

export interface Fault extends Preparation {
  readonly name: string;
  /** Matches the first line of the error. */
  readonly cause: RegExp;
}

/** An argument of a component, by its field of ClusterConfiguration. */
function extraArgs(
  field: 'apiServer' | 'controllerManager' | 'scheduler',
  name: string,
  value: string,
): Preparation {
  return { fields: { cluster: { [field]: { extraArgs: argument(name, value) } } } };
}

function etcdArgs(name: string, value: string): Preparation {
  return { fields: { cluster: { etcd: { local: { extraArgs: argument(name, value) } } } } };
}

/** A certificate authority with these limits of its validity, as openssl writes times. */
export function authority(path: string, start: string, end: string): string {
  return `mkdir -p /root/ca "$(dirname ${path})"; cd /root/ca; : > index.txt; echo 01 > serial
cat > ca.cnf <<'END'
[ca]
default_ca = d
[d]
dir = /root/ca
database = /root/ca/index.txt
new_certs_dir = /root/ca
serial = /root/ca/serial
default_md = sha256
policy = p
x509_extensions = e
[p]
commonName = supplied
[e]
basicConstraints = critical,CA:TRUE
keyUsage = critical,digitalSignature,keyEncipherment,keyCertSign
subjectAltName = DNS:kubernetes
END
openssl ecparam -name prime256v1 -genkey -noout -out ${path}.key
openssl req -new -key ${path}.key -subj /CN=kubernetes -out r.csr
openssl ca -batch -selfsign -config ca.cnf -keyfile ${path}.key -in r.csr -out ${path}.crt -startdate ${start} -enddate ${end} -notext`;
}

/** A program that listens on a port of the loopback address. */
export function listenOn(port: number): string {
  return `(python3 -c 'import socket,time; s=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1",${port})); s.listen(); time.sleep(900)' >/dev/null 2>&1 </dev/null &) ; sleep 1`;
}

/** The twelve faults for which docs/troubleshooting.md compares the errors. */
export const publicFaults: readonly Fault[] = [
  {
    name: 'the API server does not know a flag',
    ...extraArgs('apiServer', 'nonsense', 'x'),
    cause: /kube-apiserver does not know the flag --nonsense/,
  },
  {
    name: 'the pause image is missing',
    prepare: 'ctr -n k8s.io images ls -q | grep /pause: | xargs ctr -n k8s.io images rm',
    ignore: ['ImagePull'],
    cause: /container runtime cannot get its sandbox image registry\.k8s\.io\/pause:/,
  },
  {
    name: 'runc is broken',
    prepare: replaceProgram('"$(command -v runc)"', 'echo runc: this cannot work >&2', 'exit 1'),
    cause: /container runtime .* cannot make a sandbox: .*runc/,
  },
  {
    name: 'port 2381 is taken',
    prepare: listenOn(2381),
    cause: /etcd cannot listen on port 2381.*(python3|another program).*address already in use/,
  },
  {
    name: 'an image is missing',
    patches: { 'kube-apiserver.yaml': missingImage('kube-apiserver') },
    cause: /the image registry\.k8s\.io\/kube-apiserver:v9\.9\.9 is not on this node and cannot be pulled/,
  },
  {
    name: 'the kubelet does not know a feature gate',
    kubeletExtraArgs: [{ name: 'feature-gates', value: 'Nonsense=true' }],
    cause: /the kubelet exits.*unrecognized feature gate: Nonsense/,
  },
  {
    name: 'resolvConf does not exist',
    fields: { kubelet: { resolvConf: '/etc/nonsense/resolv.conf' } },
    cause: /the kubelet cannot start Pods.*\/etc\/nonsense\/resolv\.conf.*does not exist/,
  },
  {
    name: 'the CA has expired',
    prepare: authority('/etc/kubernetes/pki/ca', '20250101000000Z', '20260101000000Z'),
    cause: /certificate authority \/etc\/kubernetes\/pki\/ca\.crt has expired at 2026-01-01/,
  },
  {
    name: 'etcd refuses the value of a flag',
    ...etcdArgs('heartbeat-interval', 'abc'),
    cause: /etcd refuses the value of a flag \(--heartbeat-interval\)/,
  },
  {
    name: 'the kubelet is masked',
    prepare:
      'systemctl stop kubelet; rm -f /etc/systemd/system/kubelet.service; systemctl mask kubelet; systemctl daemon-reload',
    cause: /the kubelet cannot start, because its unit kubelet\.service is masked/,
  },
  {
    name: 'an admission plug-in is unknown',
    ...extraArgs('apiServer', 'enable-admission-plugins', 'NodeRestriction,Nonsense'),
    cause: /kube-apiserver does not know the admission plug-in Nonsense/,
  },
  {
    name: 'the audit policy is not mounted',
    ...extraArgs('apiServer', 'audit-policy-file', '/etc/audit/policy.yaml'),
    prepare:
      "mkdir -p /etc/audit; printf 'apiVersion: audit.k8s.io/v1\\nkind: Policy\\nrules:\\n- level: Metadata\\n' > /etc/audit/policy.yaml",
    cause:
      /kube-apiserver cannot start.*\/etc\/audit\/policy\.yaml is on this machine, but no volume mounts it/,
  },
];
