import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';

const kernelOptions = (
  'NAMESPACES NET_NS PID_NS IPC_NS UTS_NS CPUSETS MEMCG INET EXT4_FS PROC_FS NETFILTER_XT_TARGET_REDIRECT ' +
  'NETFILTER_XT_MATCH_COMMENT FAIR_GROUP_SCHED CGROUPS CGROUP_BPF CGROUP_PIDS CGROUP_SCHED'
).split(' ');

/** The files of the kernel that preflight reads. */
export const machineFiles: Readonly<Record<string, string>> = {
  '/boot/config-6.1.0': kernelOptions.map((name) => `CONFIG_${name}=y\n`).join(''),
  '/proc/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n',
  '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids\n',
  '/proc/sys/net/ipv4/ip_forward': '1\n',
};

/** The programs that preflight looks for. */
export const machinePrograms: NonNullable<MemoryHostOptions['programs']> = {
  kubelet: { stdout: 'Kubernetes v1.36.2\n' },
  losetup: {},
  mount: {},
  cp: {},
};

/** A machine that passes every check of `init`, and whose kubelet starts a control plane. */
export function readyMachine(options: MemoryHostOptions = {}): MemoryHost {
  const host = createMemoryHost({
    ...options,
    files: {
      ...machineFiles,
      ...options.files,
    },
    programs: { ...machinePrograms, ...options.programs },
  });
  host.machine.sockets.add('/var/run/containerd/containerd.sock');
  host.api.reachable = false;
  host.units.set('kubelet', { enabled: true, active: false, onStart: () => startControlPlane(host) });
  return host;
}

/** Makes the kubelet and all components healthy, and registers the Node. */
function startControlPlane(host: MemoryHost): void {
  const healthy = { status: 200, body: 'ok' };
  for (const url of [
    'http://127.0.0.1:10248/healthz',
    'https://127.0.0.1:10257/healthz',
    'https://127.0.0.1:10259/livez',
  ]) {
    host.machine.answers.set(url, healthy);
  }
  host.api.reachable = true;
  const name = host.machine.hostname;
  const node = { apiVersion: 'v1', kind: 'Node', name };
  if (host.api.find(node) !== undefined) return;
  const labels = { 'kubernetes.io/hostname': name };
  host.api.create({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
}
