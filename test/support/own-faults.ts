/** More faults of a node that runs init, and who finds them. */
import { authority, type Fault, listenOn } from './faults.ts';
import { argument, type Preparation, replaceProgram } from './faulty-node.ts';
import { hungFaults } from './hung-faults.ts';

export interface OwnFault extends Fault {
  /** Matches the finding of a preflight check, if one warns of the fault before the wait or refuses it. */
  readonly preflight?: RegExp;
  /** Whether preflight refuses the run, so that `cause` is not asked for. Defaults to false. */
  readonly isRefused?: boolean;
}

type Field = 'apiServer' | 'controllerManager' | 'scheduler';

function extraArgs(field: Field, name: string, value: string): Preparation {
  return { fields: { cluster: { [field]: { extraArgs: argument(name, value) } } } };
}

function etcdArgs(name: string, value: string): Preparation {
  return { fields: { cluster: { etcd: { local: { extraArgs: argument(name, value) } } } } };
}

/** A patch of the container of a component. */
function container(component: string, ...lines: readonly string[]): Preparation {
  const fields = lines.map((line) => `    ${line}\n`).join('');
  return {
    patches: { [`${component}.yaml`]: `spec:\n  containers:\n  - name: ${component}\n${fields}` },
  };
}

/** A file with a text, in a directory that a volume mounts into the API server. */
function apiServerFile(flag: string, text: string): Preparation {
  return {
    fields: {
      cluster: {
        apiServer: {
          extraArgs: argument(flag, '/etc/own/file.yaml'),
          extraVolumes: [{ name: 'own', hostPath: '/etc/own', mountPath: '/etc/own', readOnly: true }],
        },
      },
    },
    prepare: `mkdir -p /etc/own; cat > /etc/own/file.yaml <<'END'\n${text}\nEND`,
  };
}

/** Runs beside init, once the wait has begun. */
function during(script: string): string {
  return `(setsid sh -c 'until test -e /etc/kubernetes/manifests/etcd.yaml; do sleep 0.1; done; ${script}' >/dev/null 2>&1 </dev/null &)`;
}

const smallLimit = (size: string): readonly string[] => [
  'resources:',
  `  limits: {memory: ${size}}`,
  '  requests: {memory: 1Mi}',
];

export const ownFaults: readonly OwnFault[] = [
  {
    name: 'the disk of etcd is full',
    prepare: 'mkdir -p /var/lib/etcd; mount -t tmpfs -o size=64k tmpfs /var/lib/etcd',
    preflight: /WARNING FileSystem.*\/var\/lib\/etcd/,
    cause: /the disk is full.*\/var\/lib\/etcd/,
  },
  {
    name: 'the disk of the kubelet is full',
    prepare: `systemctl stop kubelet; mkdir -p /var/lib/kubelet; mount -t tmpfs -o size=600k tmpfs /var/lib/kubelet; mount --make-rshared /var/lib/kubelet; dd if=/dev/zero of=/var/lib/kubelet/filler bs=1k count=400 2>/dev/null; ${during('sleep 0.5; dd if=/dev/zero of=/var/lib/kubelet/filler2 bs=1k')}`,
    preflight: /WARNING FileSystem.*\/var\/lib\/kubelet/,
    cause: /the disk is full.*\/var\/lib\/kubelet/,
  },
  {
    name: 'the disk of /etc/kubernetes is full',
    prepare: 'mkdir -p /etc/kubernetes; mount -t tmpfs -o size=16k tmpfs /etc/kubernetes',
    preflight: /WARNING FileSystem.*\/etc\/kubernetes/,
    cause: /\/etc\/kubernetes.*no space left on device/,
  },
  {
    name: 'the inodes of the disk of etcd are used up',
    prepare: 'mkdir -p /var/lib/etcd; mount -t tmpfs -o size=64m,nr_inodes=1 tmpfs /var/lib/etcd',
    preflight: /WARNING FileSystem.*inodes/,
    cause: /the disk is full.*\/var\/lib\/etcd.*no inodes/,
  },
  {
    name: 'the disk of etcd is read-only',
    prepare: 'mkdir -p /var/lib/etcd; mount -t tmpfs -o ro tmpfs /var/lib/etcd',
    preflight: /WARNING FileSystem.*read-only/,
    cause: /\/var\/lib\/etcd.*read-only/,
  },
  ...(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const).map(
    (component): OwnFault => ({
      name: `${component} has too little memory`,
      ...container(component, ...smallLimit(component === 'kube-apiserver' ? '20Mi' : '12Mi')),
      cause: new RegExp(`${component} runs out of memory and is killed`),
    }),
  ),
  {
    name: 'the CA is not valid yet',
    prepare: authority('/etc/kubernetes/pki/ca', '20300101000000Z', '20400101000000Z'),
    preflight: /WARNING Certificates.*not valid yet/,
    cause: /clock of this machine .* is wrong, or the certificate authority .*ca\.crt is not valid yet/,
  },
  {
    name: 'the certificate of the API server has another key',
    prepare:
      'kubeadm init phase certs ca; kubeadm init phase certs apiserver; openssl genrsa -out /etc/kubernetes/pki/apiserver.key 2048 2>/dev/null',
    preflight: /WARNING Certificates.*apiserver\.crt belongs to another/,
    cause: /apiserver/,
  },
  {
    name: 'the certificate of etcd is of another CA',
    prepare:
      'kubeadm init phase certs etcd-ca; kubeadm init phase certs etcd-server; rm /etc/kubernetes/pki/etcd/ca.*; kubeadm init phase certs etcd-ca',
    preflight: /WARNING Certificates.*server\.crt is not signed by/,
    cause: /etcd.*server/,
  },
  {
    name: 'the container runtime dies in the midst',
    prepare: during('sleep 1; systemctl stop containerd'),
    cause: /the container runtime containerd does not answer.*inactive/,
  },
  {
    name: 'the loopback interface is down',
    prepare: 'ip link set lo down',
    preflight: /WARNING Loopback/,
    cause: /loopback interface lo is down/,
  },
  {
    name: 'the API server has too little processor time',
    ...container('kube-apiserver', 'resources:', '  limits: {cpu: 10m}', '  requests: {cpu: 10m}'),
    cause: /kube-apiserver.*(slow|throttled|processor)/,
  },
  {
    name: 'the sandbox image of the runtime is wrong',
    prepare:
      'sed -i "s#sandbox = .*#sandbox = \'registry.k8s.io/pause:0.0.1\'#" /etc/containerd/config.toml; systemctl restart containerd',
    cause: /cannot get its sandbox image registry\.k8s\.io\/pause:0\.0\.1/,
  },
  {
    name: 'the kubelet refuses a value of its configuration',
    fields: { kubelet: { maxPods: -3 } },
    preflight: /WARNING KubeletArguments.*maxPods/,
    cause: /the kubelet exits.*maxPods/,
  },
  {
    name: 'the kubelet cannot read an eviction threshold',
    fields: { kubelet: { evictionHard: { 'memory.available': 'abc' } } },
    cause: /the kubelet exits.*quantities must match the regular expression/,
  },
  {
    name: 'the cgroup of the kubelet does not exist',
    fields: { kubelet: { cgroupRoot: '/nonsense' } },
    cause: /the kubelet exits.*cgroup.*nonsense/i,
  },
  {
    name: 'the kubelet reads another directory of manifests',
    fields: { kubelet: { staticPodPath: '/etc/other' } },
    cause: /staticPodPath.*\/etc\/other/,
  },
  {
    name: 'the kubelet has another container runtime endpoint',
    kubeletExtraArgs: [{ name: 'container-runtime-endpoint', value: 'unix:///run/nonsense.sock' }],
    cause: /the kubelet exits.*nonsense\.sock/,
  },
  {
    name: 'the kubelet has another name than its certificate',
    kubeletExtraArgs: [{ name: 'hostname-override', value: 'other' }],
    cause: /the kubelet cannot register its Node.*(other|forbidden)/,
  },
  {
    name: 'the environment of the kubelet has an unknown flag',
    prepare: 'echo KUBELET_EXTRA_ARGS=--nonsense > /etc/default/kubelet',
    cause: /the kubelet exits.*unknown flag: --nonsense/,
  },
  {
    name: 'the unit of the kubelet starts a program that does not exist',
    prepare:
      "sed -i 's#^ExecStart=/usr/bin/kubelet \\$#ExecStart=/usr/local/sbin/kubelet $#' /etc/systemd/system/kubelet.service.d/10-kubeadm.conf /usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf 2>/dev/null || true; systemctl daemon-reload",
    cause: /the kubelet cannot start: systemd could not execute its program.*203\/EXEC/,
  },
  {
    name: 'the port of the health of the kubelet is taken',
    prepare: listenOn(10248),
    cause: /kubelet.*10248.*(python3|another program)/,
  },
  {
    name: 'the port of the controller manager is taken',
    prepare: listenOn(10257),
    ignore: ['Port-10257'],
    cause: /kube-controller-manager cannot listen on port 10257.*python3/,
  },
  {
    name: 'the scheduler has no such configuration file',
    ...extraArgs('scheduler', 'config', '/etc/nonsense.yaml'),
    preflight: /WARNING ExtraArgs.*\/etc\/nonsense\.yaml/,
    cause: /kube-scheduler cannot start.*\/etc\/nonsense\.yaml does not exist/,
  },
  {
    name: 'the scheduler only prints its version',
    ...extraArgs('scheduler', 'version', 'true'),
    cause: /kube-scheduler ends at once without an error .*prints "Kubernetes v/,
  },
  {
    name: 'the controller manager does not know a controller',
    ...extraArgs('controllerManager', 'controllers', '*,foo'),
    cause: /kube-controller-manager.*foo.* not in the list of known controllers/,
  },
  {
    name: 'the API server binds to an address of another machine',
    ...extraArgs('apiServer', 'bind-address', '192.0.2.7'),
    cause: /kube-apiserver.*192\.0\.2\.7.*cannot assign requested address/,
  },
  {
    name: 'the API server looks for etcd at another port',
    ...extraArgs('apiServer', 'etcd-servers', 'https://127.0.0.1:9999'),
    cause: /kube-apiserver.*etcd.*127\.0\.0\.1:9999/,
  },
  {
    name: 'etcd listens on another port than the API server expects',
    ...etcdArgs('listen-client-urls', 'https://127.0.0.1:12379'),
    cause: /kube-apiserver.*etcd.*127\.0\.0\.1:2379/,
  },
  {
    name: 'the name of etcd is not in its initial cluster',
    ...etcdArgs('name', 'foo'),
    cause: /etcd .*couldn't find local name .*foo/,
  },
  {
    name: 'the API server cannot read its encryption configuration',
    ...apiServerFile('encryption-provider-config', 'kind: Nonsense'),
    cause: /kube-apiserver .*encryption/,
  },
  {
    name: 'the audit policy has an unknown level',
    ...apiServerFile(
      'audit-policy-file',
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Nonsense',
    ),
    cause: /kube-apiserver .*Nonsense/,
  },
  {
    name: 'all requests are denied',
    ...extraArgs('apiServer', 'authorization-mode', 'AlwaysDeny'),
    cause: /(authorization|forbidden|AlwaysDeny)/,
  },
  {
    name: 'the image of a patch has an invalid name',
    ...container('kube-scheduler', 'image: "Not An Image"'),
    cause: /kube-scheduler.*(InvalidImageName|invalid reference format|couldn't parse image)/,
  },
  {
    name: 'a patch names a program that the image does not have',
    ...container('kube-scheduler', 'command: [/nonsense]'),
    // The wait can end before the kubelet has tried to start it.
    cause:
      /kube-scheduler\.yaml: no container has a command|kube-scheduler.*\/nonsense.*(no such file|not found)/,
  },
  {
    name: 'etcd runs as a user without rights on its data',
    ...container('etcd', 'securityContext: {runAsUser: 65534}'),
    cause: /etcd .*permission denied/,
  },
  {
    name: 'a volume needs a file that does not exist',
    fields: {
      cluster: {
        apiServer: {
          extraVolumes: [{ name: 'own', hostPath: '/etc/own', mountPath: '/etc/own', pathType: 'File' }],
        },
      },
    },
    preflight: /WARNING ExtraArgs.*\/etc\/own/,
    cause: /kube-apiserver is not started.*\/etc\/own/,
  },
  {
    name: 'the runtime has no such handler',
    prepare:
      "sed -i \"s#^\\[plugins.'io.containerd.cri.v1.runtime'\\]#&\\n  [plugins.'io.containerd.cri.v1.runtime'.containerd]\\n    default_runtime_name = 'nonsense'\\n#\" /etc/containerd/config.toml; systemctl restart containerd; sleep 1",
    ignore: ['CRI', 'ContainerRuntimeVersion', 'ImagePull'],
    cause: /container runtime.*its CRI plug-in is disabled or could not be loaded/,
  },
  {
    name: 'a firewall drops the connections to the API server',
    prepare: 'iptables -A INPUT -p tcp --dport 6443 -j DROP',
    cause: /kube-apiserver listens on port 6443.*a firewall of this machine drops them/,
  },
  {
    name: 'a firewall drops the connections to etcd',
    prepare: 'iptables -A INPUT -p tcp --dport 2379 -j DROP',
    cause: /kube-apiserver cannot connect to etcd at 127\.0\.0\.1:2379 \(no answer\)/,
  },
  {
    name: 'runc is not a program of this machine',
    prepare: replaceProgram('"$(command -v runc)"', 'exec /nonsense'),
    preflight: /WARNING LowLevelRuntime.*runc --version/,
    cause: /cannot make a sandbox.*runc/,
  },
  {
    name: 'the drop-in of the kubelet is missing',
    prepare:
      'find /etc/systemd /usr/lib/systemd /lib/systemd -name 10-kubeadm.conf -delete; systemctl daemon-reload; systemctl stop kubelet',
    cause: /unit of the kubelet starts it without the flag --config/,
  },
  ...hungFaults,
];
