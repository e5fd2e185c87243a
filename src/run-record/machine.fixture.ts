/** A machine in memory whose kubelet runs the Pods in the manifest folder, for runs that are cut off. */
import type { ContainerStatus, PodSandbox } from '../clients/cri/cri-client.ts';
import type { KubeObject } from '../clients/kube/kube-client.ts';
import { NetError } from '../errors.ts';
import { createMemoryHost, type MemoryHost } from '../host/memory/index.ts';
import type { FileSpec } from '../host/memory/initial-files.ts';

const kernelOptions = (
  'NAMESPACES NET_NS PID_NS IPC_NS UTS_NS CPUSETS MEMCG INET EXT4_FS PROC_FS NETFILTER_XT_TARGET_REDIRECT ' +
  'NETFILTER_XT_MATCH_COMMENT FAIR_GROUP_SCHED CGROUPS CGROUP_BPF CGROUP_PIDS CGROUP_SCHED'
).split(' ');

const components: Readonly<Record<string, readonly number[]>> = {
  'kube-apiserver': [6443],
  'kube-controller-manager': [10257],
  'kube-scheduler': [10259],
  etcd: [2379, 2380],
};
const health: Readonly<Record<string, string>> = {
  'https://127.0.0.1:10257/healthz': 'kube-controller-manager',
  'https://127.0.0.1:10259/livez': 'kube-scheduler',
};
const manifests = '/etc/kubernetes/manifests';
const kubeletConfig = '/var/lib/kubelet/config.yaml';

/** The files in /proc of the current process, which has another id after a restart of the machine. */
export function processFiles(pid: number): Readonly<Record<string, string>> {
  const stat = `${pid} (a )( b) S 1 ${Array.from({ length: 17 }, (_, n) => n).join(' ')} 777 0\n`;
  return {
    '/proc/self/stat': stat,
    [`/proc/${pid}/stat`]: stat,
    '/proc/sys/kernel/random/boot_id': `boot-${pid}\n`,
  };
}

/** A machine that passes preflight; `files` are added to the files that this needs. */
export function bootableMachine(files: Readonly<Record<string, FileSpec>> = {}, seed = 1): MemoryHost {
  const host = createMemoryHost({
    hostname: 'cp1',
    seed,
    files: {
      '/boot/config-6.1.0': kernelOptions.map((name) => `CONFIG_${name}=y\n`).join(''),
      '/proc/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n',
      '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids\n',
      '/proc/sys/net/ipv4/ip_forward': '1\n',
      ...processFiles(4000 + seed),
      ...files,
    },
    programs: { kubelet: { stdout: 'Kubernetes v1.36.2\n' }, losetup: {}, mount: {}, cp: {} },
    services: { kubelet: { enabled: true, active: false } },
  });
  host.etcdCluster.members.set('1', {
    id: '1',
    name: 'cp1',
    isLearner: false,
    peerURLs: ['https://10.0.0.5:2380'],
    clientURLs: ['https://10.0.0.5:2379'],
  });
  host.machine.sockets.add('/var/run/containerd/containerd.sock');
  host.machine.answers.set('http://127.0.0.1:10248/healthz', () =>
    answer(host.units.get('kubelet')?.active === true),
  );
  for (const [url, name] of Object.entries(health))
    host.machine.answers.set(url, () => answer(host.runtime.containers.has(name)));
  const live = (): void => {
    kubelet(host);
    ports(host);
  };
  live();
  host.gate.onWrite(({ kind, target }) => {
    if (kind === 'service' || kind === 'cri' || (kind === 'file' && isWatched(target))) live();
  });
  return host;
}

/** The state of a machine at one instant, without its processes. */
export interface Remains {
  readonly files: ReturnType<MemoryHost['snapshot']>;
  readonly objects: readonly KubeObject[];
  readonly images: readonly string[];
  readonly containers: readonly ContainerStatus[];
  readonly sandboxes: readonly PodSandbox[];
  readonly kubeletActive: boolean;
}

export function remainsOf(host: MemoryHost): Remains {
  return {
    files: host.snapshot(),
    objects: host.api.all(),
    images: [...host.runtime.images],
    containers: [...host.runtime.containers.values()],
    sandboxes: [...host.runtime.sandboxes.values()],
    kubeletActive: host.units.get('kubelet')?.active === true,
  };
}

/** A machine with this state and without the old process. `seed` determines its random values. */
export function machineOf(remains: Remains, seed: number): MemoryHost {
  const left = Object.entries(remains.files).filter(([path]) => !isOfProcess(path));
  const specs = left.map(([path, { gid, mode, text, uid }]): [string, FileSpec] => {
    if (text === undefined) return [path.replace(/\/$/, ''), { directory: true, mode, uid, gid }];
    return [path, { data: text, mode, uid, gid }];
  });
  const host = bootableMachine(Object.fromEntries(specs), seed);
  for (const path of Object.keys(host.snapshot())) {
    if (!path.endsWith('/') && !isOfProcess(path) && remains.files[path] === undefined)
      throw new Error(`${path} was not there`);
  }
  for (const object of remains.objects) host.api.put(object);
  for (const image of remains.images) host.runtime.images.add(image);
  for (const one of remains.containers) host.runtime.containers.set(one.id, one);
  for (const one of remains.sandboxes) host.runtime.sandboxes.set(one.id, one);
  host.units.set('kubelet', { enabled: true, active: remains.kubeletActive });
  ports(host);
  return host;
}

function isOfProcess(path: string): boolean {
  return /^\/proc\/(self|\d+)\/|\/boot_id$/.test(path);
}

function isWatched(path: string): boolean {
  return path === kubeletConfig || path.startsWith(`${manifests}/`);
}

function answer(healthy: boolean) {
  if (!healthy) throw new NetError('connection refused', 'ECONNREFUSED');
  return { status: 200, body: 'ok' };
}

/** An active kubelet with a configuration starts every static Pod and registers the node. */
function kubelet(host: MemoryHost): void {
  if (host.units.get('kubelet')?.active !== true) return;
  if (host.snapshot('/var/lib/kubelet')[kubeletConfig] === undefined) return;
  host.disk.put({ '/var/lib/kubelet/pki/kubelet-client-current.pem': 'the kubelet renews it\n' });
  const files = host.snapshot(manifests);
  for (const name of Object.keys(components)) {
    const manifest = files[`${manifests}/${name}.yaml`]?.text;
    if (manifest === undefined || host.runtime.containers.has(name)) continue;
    host.runtime.containers.set(name, container(name));
    const id = `pod-${name}`;
    host.runtime.sandboxes.set(id, { id, name, namespace: 'kube-system', uid: id, state: 'ready' });
    const dataDir = /--data-dir=(\S+)/.exec(manifest)?.[1];
    if (name === 'etcd' && dataDir !== undefined) etcdData(host, dataDir);
  }
  if (!host.runtime.containers.has('kube-apiserver')) return;
  for (const name of host.runtime.containers.keys()) mirrorPod(host, name);
  const node = { apiVersion: 'v1', kind: 'Node', name: 'cp1' };
  if (host.api.find(node) !== undefined) return;
  const labels = { 'kubernetes.io/hostname': 'cp1' };
  host.api.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'cp1', labels }, spec: {} });
}

/** etcd runs as the user that owns its directory. */
function etcdData(host: MemoryHost, dataDir: string): void {
  const { gid, uid } = host.snapshot()[`${dataDir}/`] ?? { uid: 0, gid: 0 };
  const owner = { uid, gid };
  host.disk.put({
    [`${dataDir}/member`]: { directory: true, mode: 0o700, ...owner },
    [`${dataDir}/member/db`]: { data: 'the data of the cluster\n', mode: 0o600, ...owner },
  });
}

/** The mirror Pod of a static Pod, with the fields that `reset` reads. */
function mirrorPod(host: MemoryHost, component: string): void {
  const name = `${component}-cp1`;
  const namespace = 'kube-system';
  if (host.api.find({ apiVersion: 'v1', kind: 'Pod', name, namespace }) !== undefined) return;
  const annotations = {
    'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': '10.0.0.5:6443',
    'kubeadm.kubernetes.io/etcd.advertise-client-urls': 'https://10.0.0.5:2379',
  };
  const labels = { component, tier: 'control-plane' };
  const metadata = { name, namespace, labels, annotations };
  host.api.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: 'cp1' } });
}

function container(name: string): ContainerStatus {
  return {
    id: name,
    podSandboxId: `pod-${name}`,
    name,
    attempt: 0,
    state: 'running',
    startedAt: 1,
    finishedAt: 0,
    logPath: '',
  };
}

function ports(host: MemoryHost): void {
  const { listening } = host.machine;
  const running = (name: string): boolean => host.runtime.containers.has(name);
  const use = (number: number, used: boolean) => (used ? listening.add(number) : listening.delete(number));
  for (const [name, numbers] of Object.entries(components)) {
    for (const number of numbers) use(number, running(name));
  }
  use(10250, host.units.get('kubelet')?.active === true);
  host.api.reachable = running('kube-apiserver') && running('etcd');
  host.etcdCluster.reachable = running('etcd');
}
