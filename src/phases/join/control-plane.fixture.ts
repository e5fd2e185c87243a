/** A cluster with a stacked etcd in memory, and machines whose kubelet runs a control plane. */

import type { EtcdMember } from '../../clients/etcd/etcd-client.ts';
import type { KubeObject } from '../../clients/kube/kube-client.ts';
import { etcdMember, etcdPod } from '../../etcd/cluster.fixture.ts';
import type { MemoryHost, MemoryHostOptions } from '../../host/memory/index.ts';
import type { FileSpec } from '../../host/memory/initial-files.ts';
import { formatKubeconfig } from '../../kubeconfig/write.ts';
import { endpoint, type JoinableCluster, joiningMachine, token } from './machine.fixture.ts';
import type { JoinRequest } from './request.ts';

export const certificateKey = '0123456789abcdef'.repeat(4);

const manifests = '/etc/kubernetes/manifests';
const health = {
  'kube-controller-manager': 'https://127.0.0.1:10257/healthz',
  'kube-scheduler': 'https://127.0.0.1:10259/livez',
} as const;

export interface JoiningControlPlane {
  readonly nodeName: string;
  readonly address: string;
}

/** The flags of a join that discovers the cluster with a token. */
export function controlPlaneFields(
  { caCertHash }: JoinableCluster,
  { address }: Pick<JoiningControlPlane, 'address'>,
  key = certificateKey,
): NonNullable<JoinRequest['fields']> {
  return {
    discovery: { bootstrapToken: { token, apiServerEndpoint: endpoint, caCertHashes: [caCertHash] } },
    controlPlane: { localAPIEndpoint: { advertiseAddress: address }, certificateKey: key },
  };
}

/** The first member of etcd, on the machine that made the cluster. */
const firstMember = etcdMember('1', '10.0.0.5', { name: 'cp1' });

/** The state of the cluster and of one machine at one instant, without the processes of the machine. */
export interface Remains {
  readonly files: ReturnType<MemoryHost['snapshot']>;
  readonly objects: readonly KubeObject[];
  readonly members: readonly EtcdMember[];
  readonly kubeletActive: boolean;
}

export function remainsOf(host: MemoryHost): Remains {
  return {
    files: host.snapshot(),
    objects: host.api.all(),
    members: [...host.etcdCluster.members.values()],
    kubeletActive: host.units.get('kubelet')?.active === true,
  };
}

/** The files of a machine after a power cut. /run is in memory, so its files are lost with the power. */
export function filesLeft({ files }: Remains): Readonly<Record<string, FileSpec>> {
  const left = Object.entries(files).filter(([path]) => !/^\/(proc|run)\//.test(path));
  const specs = left.map(([path, { gid, mode, text, uid }]): [string, FileSpec] => {
    if (text === undefined) return [path.replace(/\/$/, ''), { directory: true, mode, uid, gid }];
    return [path, { data: text, mode, uid, gid }];
  });
  return Object.fromEntries(specs);
}

/** The machine of another one's remains after a power cut, with which its kubelet starts again. */
export async function machineOf(
  cluster: JoinableCluster,
  node: JoiningControlPlane,
  remains: Remains,
): Promise<MemoryHost> {
  const host = await controlPlaneMachine(cluster, node, { files: filesLeft(remains), before: remains });
  if (remains.kubeletActive) await host.services.start('kubelet');
  return host;
}

/** A machine that can join as a control plane. By default its cluster is as `init` has made it. */
export async function controlPlaneMachine(
  cluster: JoinableCluster,
  { address, nodeName }: JoiningControlPlane,
  { before, ...options }: MemoryHostOptions & { readonly before?: Remains } = {},
): Promise<MemoryHost> {
  const host = await joiningMachine(cluster, { nodeName, ...options });
  host.machine.interfaces = host.machine.interfaces.map((one) =>
    one.loopback ? one : { ...one, addresses: [`${address}/24`] },
  );
  for (const object of before?.objects ?? []) host.api.put(object);
  // The etcd of this machine counts its new members from the beginning.
  const others = (before?.members ?? []).map((member) => ({ ...member, id: `a${member.id}` }));
  for (const member of before === undefined ? [firstMember] : others) addMember(host, member);
  const certificate = await cluster.signKubelet(nodeName);
  const run = (): void => runKubelet(host, { address, certificate, nodeName });
  host.units.set('kubelet', { enabled: true, active: false });
  host.gate.onWrite(({ kind, target }) => {
    if (kind === 'service' || kind === 'etcd' || (kind === 'file' && target.startsWith(manifests))) run();
  });
  host.machine.answers.delete('http://127.0.0.1:10248/healthz');
  return host;
}

function addMember(host: MemoryHost, member: EtcdMember): void {
  host.etcdCluster.members.set(member.id, member);
  if (!member.isLearner) host.api.put(etcdPod({ ...member, id: member.name }));
}

interface Kubelet extends JoiningControlPlane {
  readonly certificate: string;
}

/**
 * An active kubelet starts each static Pod, also before it has a certificate. It gets that from the API server of this
 * machine, which starts when its member of etcd votes.
 */
function runKubelet(host: MemoryHost, { address, certificate, nodeName }: Kubelet): void {
  const { answers } = host.machine;
  const ok = { status: 200, body: 'ok' };
  if (host.units.get('kubelet')?.active !== true) {
    answers.delete('http://127.0.0.1:10248/healthz');
    return;
  }
  answers.set('http://127.0.0.1:10248/healthz', ok);
  const files = host.snapshot(manifests);
  const manifest = (name: string): string | undefined => files[`${manifests}/${name}.yaml`]?.text;
  const etcd = manifest('etcd');
  if (etcd !== undefined) startEtcd(host, { address, nodeName, manifest: etcd });
  const own = [...host.etcdCluster.members.values()].find(({ name }) => name === nodeName);
  const hasEtcd = own?.isLearner === false || !(manifest('kube-apiserver') ?? '').includes('127.0.0.1:2379');
  if (manifest('kube-apiserver') === undefined || !hasEtcd) return;
  for (const [name, url] of Object.entries(health)) {
    if (manifest(name) !== undefined) answers.set(url, ok);
  }
  if (own !== undefined) addMember(host, own);
  registerNode(host, { address, certificate, nodeName });
}

/** A learner that has started has a name and client URLs. */
function startEtcd(
  host: MemoryHost,
  { address, manifest, nodeName }: JoiningControlPlane & { readonly manifest: string },
): void {
  const { members } = host.etcdCluster;
  const own = [...members.values()].find(({ peerURLs }) => peerURLs.includes(`https://${address}:2380`));
  if (own === undefined) return;
  host.machine.answers.set(`https://${address}:2380/version`, { status: 200, body: '' });
  if (own.name !== '') return;
  members.set(own.id, { ...own, name: nodeName, clientURLs: [`https://${address}:2379`] });
  const dataDir = /--data-dir=(\S+)/.exec(manifest)?.[1] ?? '';
  host.disk.put({
    [`${dataDir}/member`]: { directory: true, mode: 0o700 },
    [`${dataDir}/member/db`]: { data: 'the data of the cluster\n', mode: 0o600 },
  });
}

const pem = '/var/lib/kubelet/pki/kubelet-client-current.pem';

function registerNode(host: MemoryHost, { address, certificate, nodeName }: Kubelet): void {
  if (host.snapshot()['/etc/kubernetes/kubelet.conf'] === undefined) {
    const kubeconfig = formatKubeconfig({
      currentContext: 'default-context',
      clusters: [{ name: 'default-cluster', server: `https://${address}:6443` }],
      contexts: [{ name: 'default-context', cluster: 'default-cluster', user: 'default-auth' }],
      users: [{ name: 'default-auth', clientCertificate: pem, clientKey: pem }],
    });
    host.disk.put({
      [pem]: { data: certificate, mode: 0o600 },
      '/etc/kubernetes/kubelet.conf': { data: kubeconfig, mode: 0o600 },
    });
  }
  const node: KubeObject = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: nodeName, labels: { 'kubernetes.io/hostname': nodeName } },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
  if (host.api.find({ apiVersion: 'v1', kind: 'Node', name: nodeName }) === undefined) host.api.create(node);
}
