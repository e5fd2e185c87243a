/** Joins of control planes in memory, and what they leave. */
import type { RecordedEvent } from '../../events.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import type { RunContext } from '../execute.ts';
import type { JoinRequest } from './request.ts';
import { runJoin } from './run.ts';

export const cp2 = { nodeName: 'cp2', address: '10.0.0.6' };
export const cp3 = { nodeName: 'cp3', address: '10.0.0.7' };
export const bootstrapConf = '/etc/kubernetes/bootstrap-kubelet.conf';
export const etcdManifest = '/etc/kubernetes/manifests/etcd.yaml';
export const control = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

export async function attempt(host: MemoryHost, request: JoinRequest, context: RunContext = {}) {
  const records: RecordedEvent[] = [];
  const keep = (recorded: RecordedEvent): void => void records.push(recorded);
  const outcome = await runJoin(host, request, { ...context, record: keep }).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  return { ...outcome, records, events: records.map(({ event }) => event) };
}

export const members = (host: MemoryHost) =>
  [...host.etcdCluster.members.values()].map(
    ({ isLearner, name }) => `${name}${isLearner ? ' (learner)' : ''}`,
  );

export const written = (host: MemoryHost): readonly string[] =>
  Object.keys(host.snapshot()).filter((path) => /^\/(etc\/kubernetes|var\/lib)\/.*[^/]$/.test(path));

export const text = (host: MemoryHost, path: string): string => host.snapshot()[path]?.text ?? '';

/** The files that upstream's kubeadm and the kubelet write on a control plane that joins. */
export const expectedFiles = [
  '/etc/kubernetes/admin.conf',
  '/etc/kubernetes/controller-manager.conf',
  '/etc/kubernetes/kubelet.conf',
  ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(
    (name) => `/etc/kubernetes/manifests/${name}.yaml`,
  ),
  ...[
    'apiserver-etcd-client',
    'apiserver-kubelet-client',
    'apiserver',
    'ca',
    'etcd/ca',
    'etcd/healthcheck-client',
    'etcd/peer',
    'etcd/server',
    'front-proxy-ca',
    'front-proxy-client',
  ].flatMap((name) => [`/etc/kubernetes/pki/${name}.crt`, `/etc/kubernetes/pki/${name}.key`]),
  '/etc/kubernetes/pki/sa.key',
  '/etc/kubernetes/pki/sa.pub',
  '/etc/kubernetes/scheduler.conf',
  '/var/lib/etcd/member/db',
  '/var/lib/kubelet/config.yaml',
  '/var/lib/kubelet/instance-config.yaml',
  '/var/lib/kubelet/kubeadm-flags.env',
  '/var/lib/kubelet/pki/kubelet-client-current.pem',
];
