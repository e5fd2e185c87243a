/** Shell scripts that make and mend faults of a control plane that runs. */
/** A small file system of its own for the data of etcd, so that it can be filled. It is made before init. */
export const etcdFileSystem = `
mkdir -p /var/lib/etcd
truncate -s 512M /opt/etcd.img
mkfs.ext4 -q /opt/etcd.img
test -e /dev/loop-control || mknod /dev/loop-control c 10 237
for i in $(seq 0 31); do test -e /dev/loop$i || mknod /dev/loop$i b 7 $i; done
mount -o loop /opt/etcd.img /var/lib/etcd
rmdir /var/lib/etcd/lost+found
chmod 700 /var/lib/etcd`;

export const pki = '/etc/kubernetes/pki';
export const manifests = '/etc/kubernetes/manifests';
export const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system';
/** The kubelet waits longer before each start of a container that ended. A new kubelet starts it at once. */
export const startAtOnce = 'systemctl restart kubelet';

export interface Scripts {
  /** It ends when the fault is there, and not when its effects are. */
  readonly break: string;
  readonly mend: string;
}

function mustDiffer(one: string, two: string): string {
  return `if cmp -s ${one} ${two}; then echo nothing was changed >&2; exit 1; fi`;
}

/** The kubelet takes every file for a manifest whose name does not begin with a dot. */
function put(component: string): string {
  return `cat > ${manifests}/.new; mv ${manifests}/.new ${manifests}/${component}.yaml`;
}

/** A change of a manifest by hand. It ends when the earlier container has ended, up to a minute later. */
export function manifestEdited(component: string, expression: string): Scripts {
  const path = `${manifests}/${component}.yaml`;
  return {
    break: `cp ${path} /root/kept.yaml; old=$(pidof ${component})
sed '${expression}' /root/kept.yaml | (${put(component)}); ${mustDiffer('/root/kept.yaml', path)}
while kill -0 $old 2>/dev/null; do sleep 0.2; done`,
    mend: `(${put(component)}) < /root/kept.yaml`,
  };
}

/** Other contents of some files. They are kept beside each other in a folder. */
export function filesReplaced(paths: readonly string[], script: string): Scripts {
  return {
    break: `rm -rf /root/kept; mkdir -p /root/kept; cp --parents -a ${paths.join(' ')} /root/kept\n${script}`,
    mend: paths.map((path) => `cp -a --remove-destination /root/kept${path} ${path}`).join('\n'),
  };
}

interface Signed {
  readonly subject: string;
  readonly names?: string;
  readonly authority: string;
  /** Without a suffix. */
  readonly path: string;
}

const inThePast = '-startdate 20200101000000Z -enddate 20210101000000Z';

/** Makes a key and a certificate that has expired long ago. */
export function expired({ authority, names, path, subject }: Signed): string {
  return `mkdir -p /root/ca; cd /root/ca; : > index.txt; echo 01 > serial
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
organizationName = optional
commonName = supplied
[e]
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth,clientAuth
${names === undefined ? '' : `subjectAltName = ${names}`}
END
openssl ecparam -name prime256v1 -genkey -noout -out ${path}.key
openssl req -new -key ${path}.key -subj '${subject}' -out r.csr
openssl ca -batch -config ca.cnf -cert ${authority}.crt -keyfile ${authority}.key -in r.csr -out ${path}.crt ${inThePast} -notext 2>/dev/null`;
}

/** Makes a key and a certificate of a new authority, which nobody knows. */
export function ofAnotherAuthority(path: string): string {
  return `mkdir -p /root/ca; cd /root/ca
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout other.key -out other.crt -subj /CN=etcd-ca -days 9 2>/dev/null
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${path}.key -out r.csr -subj /CN=cp 2>/dev/null
printf 'subjectAltName=DNS:localhost,DNS:cp,IP:127.0.0.1\\nextendedKeyUsage=serverAuth,clientAuth\\n' > ext
openssl x509 -req -in r.csr -CA other.crt -CAkey other.key -CAcreateserial -days 9 -extfile ext -out ${path}.crt 2>/dev/null`;
}

export const newestClientCertificate = '/var/lib/kubelet/pki/kubelet-client-current.pem';

/** Another text in a ConfigMap of an addon, and new Pods that read it. */
export function addonConfigured(addon: string, key: string, expression: string): Scripts {
  const label = addon === 'coredns' ? 'kube-dns' : addon;
  const file = `/root/kept-${key}`;
  const replace = (path: string, folder: string): string =>
    `${kubectl} get configmap ${addon} -o json | python3 -c '
import json, sys
value = json.load(sys.stdin)
value["data"]["${key}"] = open(sys.argv[1]).read()
del value["metadata"]["resourceVersion"]
json.dump(value, sys.stdout)' ${path} > ${folder}.json
${kubectl} replace -f ${folder}.json
${kubectl} delete pod -l k8s-app=${label} --wait=false`;
  const workload = addon === 'coredns' ? 'deployment' : 'daemonset';
  return {
    break: `${kubectl} get configmap ${addon} -o 'jsonpath={.data.${key.replace('.', '\\.')}}' > ${file}
sed '${expression}' ${file} > ${file}.other; ${mustDiffer(file, `${file}.other`)}
${replace(`${file}.other`, '/root/broken')}`,
    mend: `${replace(file, '/root/mended')}
${kubectl} rollout status ${workload}/${addon} --timeout=90s`,
  };
}

export const cni = '/etc/cni/net.d/10-lab.conflist';

/** Swap that only this node sees. */
export const bindSwaps = `printf 'Filename\\t\\t\\t\\tType\\t\\tSize\\t\\tUsed\\t\\tPriority\\n/swapfile                               file\\t\\t1048572\\t\\t0\\t\\t-2\\n' > /root/swaps
mount --bind /root/swaps /proc/swaps`;

/**
 * Scripts that run while etcd does not. The kubelet pauses meanwhile. A kubelet that is restarted without etcd waits for the API
 * server for a minute or more before it starts a container.
 */
export function withoutEtcd(breaks: string, mends: string): Scripts {
  const paused = (script: string): string => `pkill -STOP -x kubelet
pkill -TERM -x etcd || true; while pidof etcd >/dev/null; do sleep 0.1; done
${script}
pkill -CONT -x kubelet`;
  return { break: paused(breaks), mend: paused(mends) };
}
