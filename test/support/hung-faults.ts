/** Faults of programs that hang, of units that systemd does not start, and of leftovers. They belong to the further faults. */
import { listenOn } from './faults.ts';
import { argument, type Preparation, replaceProgram } from './faulty-node.ts';
import type { OwnFault } from './own-faults.ts';

/** A drop-in for the unit of the kubelet. */
function kubeletUnit(...lines: readonly string[]): Preparation {
  const path = '/etc/systemd/system/kubelet.service.d/90-own.conf';
  return {
    prepare: `mkdir -p "$(dirname ${path})"; cat > ${path} <<'END'\n${lines.join('\n')}\nEND\nsystemctl daemon-reload`,
  };
}

function apiServerArgs(name: string, value: string): Preparation {
  return { fields: { cluster: { apiServer: { extraArgs: argument(name, value) } } } };
}

function container(component: string, ...lines: readonly string[]): Preparation {
  const fields = lines.map((line) => `    ${line}\n`).join('');
  return {
    patches: { [`${component}.yaml`]: `spec:\n  containers:\n  - name: ${component}\n${fields}` },
  };
}

/** Runs beside init, once the wait has begun. */
function during(script: string): string {
  return `(setsid sh -c 'until test -e /etc/kubernetes/manifests/etcd.yaml; do sleep 0.1; done; ${script}' >/dev/null 2>&1 </dev/null &)`;
}

const onVersion = (answer: string): string => `case "$1" in --version) ${answer};; esac`;

export const hungFaults: readonly OwnFault[] = [
  {
    name: 'the container runtime is stopped by a signal',
    prepare: during('sleep 1; kill -STOP $(pidof containerd)'),
    cause: /the container runtime containerd does not answer.*stopped by a signal/,
  },
  {
    name: 'runc hangs',
    prepare: replaceProgram(
      '"$(command -v runc)"',
      onVersion('echo runc version 1.1.5; exit 0'),
      'exec sleep 1000',
    ),
    cause: /no Pod can start: the container runtime .* waits for process \d+ .*runc/,
  },
  {
    name: 'the kubelet does nothing',
    prepare: `cp /usr/bin/kubelet /usr/bin/kubelet.real; ${replaceProgram('/usr/bin/kubelet', onVersion('exec /usr/bin/kubelet.real --version'), 'exec sleep 100000')}`,
    cause: /the kubelet runs, but does not answer.*sleep.* not the kubelet/,
  },
  {
    name: 'a command before the kubelet fails',
    ...kubeletUnit('[Service]', 'ExecStartPre=/bin/sh -c "echo swapoff: cannot turn swap off >&2; exit 4"'),
    cause: /the kubelet cannot start: .*ExecStartPre.*exit code 4: swapoff: cannot turn swap off/,
  },
  {
    name: 'the unit of the kubelet requires a unit that does not exist',
    ...kubeletUnit('[Unit]', 'Requires=docker.service', 'After=docker.service'),
    cause: /the kubelet cannot start: its unit requires docker\.service, which does not exist/,
  },
  {
    name: 'a condition of the unit of the kubelet is not met',
    ...kubeletUnit('[Unit]', 'ConditionPathExists=/etc/kubelet-is-allowed'),
    cause: /the kubelet cannot start: .*ConditionPathExists=\/etc\/kubelet-is-allowed is not met/,
  },
  {
    name: 'a file of variables of the kubelet does not exist',
    ...kubeletUnit('[Service]', 'EnvironmentFile=/etc/sysconfig/kubelet'),
    cause: /the kubelet cannot start: .*Failed to load environment files: No such file/,
  },
  {
    name: 'the AppArmor profile of a component cannot be used',
    ...container(
      'kube-scheduler',
      'securityContext: {appArmorProfile: {type: Localhost, localhostProfile: k8s-own}}',
    ),
    cause: /kube-scheduler is not started.*AppArmor/,
  },
  {
    name: 'the API server asks for more memory than the machine has',
    ...container('kube-apiserver', 'resources:', '  requests: {memory: 900Gi}'),
    cause: /kube-apiserver is not started.*admission denied/,
  },
  {
    name: 'the API server does not use the network of the host',
    patches: { 'kube-apiserver.yaml': 'spec:\n  hostNetwork: false\n' },
    cause: /kube-apiserver is not started.*network is not ready.*hostNetwork/,
  },
  {
    name: 'the API server connects to etcd without TLS',
    ...apiServerArgs('etcd-servers', 'http://127.0.0.1:2379'),
    cause: /etcd rejects the connections of kube-apiserver.*http/,
  },
  {
    name: 'the kubelet has a certificate of an earlier cluster',
    prepare: `mkdir -p /var/lib/kubelet/pki; cd /var/lib/kubelet/pki; openssl req -x509 -newkey rsa:2048 -nodes -keyout /root/k.pem -out /root/c.pem -days 300 -subj "/O=system:nodes/CN=system:node:cp" 2>/dev/null; cat /root/c.pem /root/k.pem > kubelet-client-old.pem; ln -s "$PWD/kubelet-client-old.pem" kubelet-client-current.pem`,
    cause: /kubelet.*kubelet-client-current\.pem is of another certificate authority/,
  },
  {
    name: 'an admission plug-in denies everything',
    ...apiServerArgs('enable-admission-plugins', 'NodeRestriction,AlwaysDeny'),
    cause: /kube-apiserver keeps ending.*admission control is denying/,
  },
  {
    name: 'the kubelet finds the state of another CPU manager',
    prepare: `mkdir -p /var/lib/kubelet; echo '{"policyName":"static","defaultCpuSet":"0-1","checksum":14413152}' > /var/lib/kubelet/cpu_manager_state`,
    cause: /the kubelet exits.*cpu_manager_state/,
  },
  {
    name: 'the port of the kubelet is taken',
    prepare: listenOn(10250),
    ignore: ['Port-10250'],
    cause: /the kubelet exits.*10250.*address already in use/,
  },
  {
    name: 'the API server listens on another port than its clients expect',
    ...apiServerArgs('secure-port', '8443'),
    cause: /kube-apiserver listens on port 8443, but the kubelet connects to .*:6443/,
  },
];
