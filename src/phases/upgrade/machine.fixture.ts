/** A control plane in memory whose kubelet replaces static Pods when their manifests change. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../../clients/kube/kube-client.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import { at, isRecord } from '../../lib/is-record.ts';
import { parseYaml } from '../../lib/yaml/read.ts';
import { bootableMachine, machineOf, type Remains, remainsOf } from '../../run-record/machine.fixture.ts';
import { runInit } from '../init/run.ts';

const manifests = '/etc/kubernetes/manifests';
const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export type Component = (typeof components)[number];

export interface ControlPlane {
  readonly host: MemoryHost;
  /** Whether the container of this manifest cannot run. */
  fails: (component: Component, manifest: string) => boolean;
  /** The manifest of a component on the disk. */
  readonly manifest: (component: Component) => string | undefined;
  /** Lets the kubelet look at the manifests. It does so itself after each write. */
  readonly sync: () => void;
}

export interface ControlPlaneOptions {
  /** Defaults to v1.35.4. */
  readonly version?: string;
  /** The ClusterConfiguration as YAML lines, without its version. */
  readonly cluster?: string;
  /** Prepares the machine before `init`. */
  readonly prepare?: (host: MemoryHost) => void;
}

const made = new Map<string, Promise<Remains>>();

/** The machine after `kubeadm init` of that version. The kubelet and kubeadm are of the newer version. */
export async function controlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { cluster = '', prepare, version = 'v1.35.4' } = options;
  // Keys of elliptic curves are quick to make.
  const init = async (): Promise<Remains> => {
    const host = bootableMachine();
    prepare?.(host);
    const configText = `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: ${version}\nencryptionAlgorithm: ECDSA-P256\n${cluster}`;
    await runInit(host, { configText, ignorePreflightErrors: ['all'] });
    return remainsOf(host);
  };
  const key = `${version} ${cluster} ${String(prepare)}`;
  const remains = made.get(key) ?? init();
  made.set(key, remains);
  return liveControlPlane(machineOf(await remains, 7), version);
}

/** Gives a machine a kubelet that runs its manifests. */
export function liveControlPlane(
  host: MemoryHost,
  version: string,
  fails: ControlPlane['fails'] = () => false,
): ControlPlane {
  const live: ControlPlane = {
    host,
    fails,
    manifest: (component) => host.snapshot(manifests)[`${manifests}/${component}.yaml`]?.text,
    sync: () => {
      for (const component of components) syncComponent(live, component);
      reach();
      if (host.api.reachable) for (const component of components) mirrorPod(live, component);
    },
  };
  const reach = (): void => {
    const runs = (name: string): boolean => host.runtime.containers.get(name)?.state === 'running';
    host.etcdCluster.reachable = runs('etcd') || live.manifest('etcd') === undefined;
    host.api.reachable = runs('kube-apiserver') && host.etcdCluster.reachable;
  };
  host.runtime.containers.clear();
  host.runtime.sandboxes.clear();
  host.api.raw.set('/version', { status: 200, body: JSON.stringify({ gitVersion: version }) });
  host.api.reachable = true;
  live.sync();
  readyNode(host, version);
  host.gate.onWrite(({ kind, target }) => {
    if (target.startsWith(`${manifests}/`)) live.sync();
    // The machine below starts its own containers after these writes.
    else if (kind === 'cri' || kind === 'service' || target === '/var/lib/kubelet/config.yaml') reach();
    if (kind === 'api' && target.startsWith('create Job')) completeJobs(host);
  });
  return live;
}

function uidOf(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function syncComponent({ fails, host, manifest }: ControlPlane, name: Component): void {
  const text = manifest(name);
  const { containers, sandboxes } = host.runtime;
  const old = [...sandboxes.values()].find((one) => one.name === `${name}-cp1`);
  if (text !== undefined && old?.uid === uidOf(text)) return;
  if (old !== undefined) sandboxes.delete(old.id);
  containers.delete(name);
  if (text === undefined) return;
  const createdAt = host.clock.now().getTime();
  const id = `pod-${name}-${sandboxes.size}-${uidOf(text).slice(0, 6)}`;
  sandboxes.set(id, {
    id,
    name: `${name}-cp1`,
    namespace: 'kube-system',
    uid: uidOf(text),
    state: 'ready',
    createdAt,
  });
  const isBroken = fails(name, text);
  const logPath = `/var/log/${name}-${uidOf(text)}.log`;
  if (isBroken) host.disk.put({ [logPath]: '2026-01-02T03:04:05Z stderr F Error: unknown flag: --nope\n' });
  containers.set(name, {
    id: name,
    podSandboxId: id,
    name,
    attempt: isBroken ? 2 : 0,
    state: isBroken ? 'exited' : 'running',
    startedAt: createdAt,
    finishedAt: isBroken ? createdAt + 1 : 0,
    ...(isBroken ? { exitCode: 1 } : {}),
    logPath,
  });
}

/** Registers the Pod of the manifest, as the kubelet does while the API server answers. */
function mirrorPod({ host, manifest }: ControlPlane, component: Component): void {
  const text = manifest(component);
  const name = `${component}-cp1`;
  const ref = { apiVersion: 'v1', kind: 'Pod', name, namespace: 'kube-system' };
  const found = host.api.find(ref);
  if (text === undefined) {
    if (found !== undefined) host.api.delete(ref);
    return;
  }
  const hash = { 'kubernetes.io/config.hash': uidOf(text) };
  if (found?.metadata.annotations?.['kubernetes.io/config.hash'] === uidOf(text)) return;
  const pod = parseYaml(text);
  const metadata = at(pod, 'metadata');
  const annotations = at(metadata, 'annotations');
  const spec = at(pod, 'spec');
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(isRecord(metadata) ? metadata : {}),
      name,
      namespace: 'kube-system',
      annotations: { ...(isRecord(annotations) ? annotations : {}), ...hash },
    },
    spec: { ...(isRecord(spec) ? spec : {}), nodeName: 'cp1' },
    status: { phase: 'Running' },
  };
  if (found !== undefined) host.api.delete(ref);
  host.api.create(object);
}

/** The Node is ready and takes new Pods. */
function readyNode(host: MemoryHost, kubeletVersion: string): void {
  const ref = { apiVersion: 'v1', kind: 'Node', name: 'cp1' };
  const status = { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion } };
  host.api.patch(ref, 'merge', { spec: { unschedulable: false }, status });
}

function completeJobs(host: MemoryHost): void {
  for (const job of host.api.list('batch/v1', 'Job')) {
    host.api.put({ ...job, status: { conditions: [{ type: 'Complete', status: 'True' }] } });
  }
}
