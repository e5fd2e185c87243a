/** The lists of checks that each command runs, in upstream's order. Source: preflight/checks.go InitNodeChecks, JoinNodeChecks, addCommonChecks. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import type {
  ClusterConfiguration,
  ComponentConfig,
  InitConfiguration,
  JoinConfiguration,
  NodeRegistration,
} from '../config/hub.ts';
import { splitHostPort } from '../lib/host-port.ts';
import { parseCIDRSloppy, parseIPSloppy } from '../lib/ip.ts';
import {
  bootstrapKubeletConf,
  kubeletConf,
  kubernetesDir,
  manifestPath,
  ports,
  staticPods,
} from '../names.ts';
import { ownRelease } from '../releases/index.ts';
import type { Release } from '../releases/release.ts';
import { kubeadmVersion } from '../versions.ts';
import type { Check } from './check.ts';
import { containerRuntimeVersion } from './checks/container-runtime-version.ts';
import { controlPlaneNodesReady } from './checks/control-plane-nodes-ready.ts';
import { corednsChecks } from './checks/coredns.ts';
import { createJob } from './checks/create-job.ts';
import { cri } from './checks/cri.ts';
import { dirAvailable, dirAvailableOrOwn } from './checks/dir-available.ts';
import { externalEtcdClientCertificates } from './checks/external-etcd-client-certificates.ts';
import { externalEtcdVersion } from './checks/external-etcd-version.ts';
import { fileAvailable } from './checks/file-available.ts';
import { fileContent } from './checks/file-content.ts';
import { programExisting } from './checks/file-existing.ts';
import { firewalld } from './checks/firewalld.ts';
import { hostname } from './checks/hostname.ts';
import { httpProxy } from './checks/http-proxy.ts';
import { httpProxyCidr } from './checks/http-proxy-cidr.ts';
import { isPrivilegedUser } from './checks/is-privileged-user.ts';
import { type KubeletVersion, kubeletVersion } from './checks/kubelet-version.ts';
import { kubernetesVersion } from './checks/kubernetes-version.ts';
import { mem } from './checks/mem.ts';
import { numCpu } from './checks/num-cpu.ts';
import { inContainer, inKubelet, type OwnUse, port, portOrOwn } from './checks/port.ts';
import { serviceKubelet } from './checks/service-kubelet.ts';
import { staticPodManifest } from './checks/static-pod-manifest.ts';
import { swap } from './checks/swap.ts';
import { systemVerification } from './checks/system-verification/system-verification.ts';
import { ownControlPlaneChecks, ownNodeChecks } from './own-checks.ts';

const requiredCpus = 2;
/** The memory in MiB, although upstream writes MB. */
const requiredMemory = 1700;
const ipv4Forwarding = '/proc/sys/net/ipv4/ip_forward';
const ipv6Forwarding = '/proc/sys/net/ipv6/conf/default/forwarding';

/** The list that init, join, reset and upgrade begin with. `reset` runs no other check. */
export const rootChecks: readonly Check[] = [isPrivilegedUser];

export interface InitProfile {
  readonly init: InitConfiguration;
  readonly cluster: ClusterConfiguration;
  readonly release: Release;
  /** Set if a run that did not end is taken up. Programs and files of that run are not findings. */
  readonly unfinished?: object | undefined;
  /** The data directory of etcd in the record of that run; undefined if the run had none. */
  readonly ownEtcdDataDir?: string | undefined;
  /** The version of the installed kubelet, which two checks need. */
  readonly kubeletVersion: Promise<KubeletVersion>;
  /** The KubeletConfiguration; undefined if it is not known. */
  readonly kubelet?: ComponentConfig;
}

/** The list of `init`. It follows the root check, and images are pulled after it. */
export function initChecks(profile: InitProfile): readonly Check[] {
  const { cluster, init, kubelet, kubeletVersion: installed, release, unfinished } = profile;
  const { external } = cluster.etcd;
  const families = new Set([
    ...subnetsOf(cluster).map((subnet) => parseCIDRSloppy(subnet)?.family),
    parseIPSloppy(init.localAPIEndpoint.advertiseAddress)?.family,
  ]);
  return [
    ...controlPlaneChecks(profile),
    ...commonChecks({
      kubernetesVersion: cluster.kubernetesVersion,
      release,
      kubeletVersion: installed,
      node: init.nodeRegistration,
      kubeletPort: free(ports.kubelet, inKubelet, unfinished),
    }),
    ...(families.has(4) ? [fileContent(ipv4Forwarding, '1')] : []),
    ...(families.has(6) ? [fileContent(ipv6Forwarding, '1')] : []),
    ...(external === undefined ? [] : [externalEtcdVersion(external, release.minimumExternalEtcd)]),
    ...localEtcdChecks(profile),
    ...(external === undefined ? [] : externalEtcdClientCertificates(external)),
    ...ownNodeChecks({
      node: init.nodeRegistration,
      isPatched: init.patches !== undefined,
      directories: cluster.etcd.local === undefined ? [] : [cluster.etcd.local.dataDir],
      ...(kubelet === undefined ? {} : { kubelet }),
    }),
    ...ownControlPlaneChecks(profile),
  ];
}

export interface JoiningControlPlane extends Omit<InitProfile, 'kubeletVersion'> {
  /** Whether the certificates will be downloaded, so that none of them has to exist. */
  readonly downloadsCertificates: boolean;
}

/** The second list of a control plane that joins. The configuration of the cluster is known by then. */
export function joiningControlPlaneChecks(profile: JoiningControlPlane): readonly Check[] {
  const { external } = profile.cluster.etcd;
  const needsFiles = external !== undefined && !profile.downloadsCertificates;
  return [
    ...controlPlaneChecks(profile),
    ...localEtcdChecks(profile),
    ...(needsFiles ? externalEtcdClientCertificates(external) : []),
    ...ownControlPlaneChecks(profile),
  ];
}

type ControlPlaneProfile = Omit<InitProfile, 'kubeletVersion'>;

function controlPlaneChecks({ cluster, init, unfinished }: ControlPlaneProfile): readonly Check[] {
  const own = (component: string): OwnUse => inContainer(component, init.nodeRegistration.criSocket);
  const { advertiseAddress, bindPort } = init.localAPIEndpoint;
  return [
    numCpu(requiredCpus),
    mem(requiredMemory),
    kubernetesVersion(kubeadmVersion, cluster.kubernetesVersion),
    firewalld([bindPort, ports.kubelet]),
    free(bindPort, own('kube-apiserver'), unfinished),
    free(ports.scheduler, own('kube-scheduler'), unfinished),
    free(ports.controllerManager, own('kube-controller-manager'), unfinished),
    ...(unfinished === undefined ? staticPods : []).map((component) =>
      fileAvailable(manifestPath(component)),
    ),
    httpProxy(advertiseAddress),
    ...subnetsOf(cluster).map(httpProxyCidr),
  ];
}

function localEtcdChecks({
  cluster,
  init,
  ownEtcdDataDir,
  unfinished,
}: ControlPlaneProfile): readonly Check[] {
  const { local } = cluster.etcd;
  if (local === undefined) return [];
  const own = inContainer('etcd', init.nodeRegistration.criSocket);
  return [
    free(ports.etcdClient, own, unfinished),
    free(ports.etcdPeer, own, unfinished),
    unfinished !== undefined && local.dataDir === ownEtcdDataDir
      ? dirAvailableOrOwn(local.dataDir)
      : dirAvailable(local.dataDir),
  ];
}

function subnetsOf({ networking }: ClusterConfiguration): readonly string[] {
  return [...networking.serviceSubnet.split(','), ...networking.podSubnet.split(',')];
}

/** The port must be free, or in use by the run that is resumed. */
function free(number: number, isOwn: OwnUse, unfinished: object | undefined): Check {
  return unfinished === undefined ? port(number) : portOrOwn(number, isOwn);
}

export interface JoinProfile {
  readonly join: JoinConfiguration;
  /** Set if a run that did not end is taken up. Files and programs of that run are not findings. */
  readonly unfinished: object | undefined;
  readonly kubeletVersion: Promise<KubeletVersion>;
}

/** The first list of `join`, before anything is known about the cluster. Source: JoinNodeChecks. */
export function joinChecks({ join, kubeletVersion: installed, unfinished }: JoinProfile): readonly Check[] {
  const { bootstrapToken } = join.discovery;
  const host = splitHostPort(bootstrapToken?.apiServerEndpoint ?? '')?.host;
  const family = host === undefined ? undefined : parseIPSloppy(host)?.family;
  const left = [
    `${kubernetesDir}/${kubeletConf}`,
    `${kubernetesDir}/${bootstrapKubeletConf}`,
    ...(join.controlPlane === undefined ? [join.caCertPath] : []),
  ];
  const [kubelet, bootstrap, ...authority] = unfinished === undefined ? left.map(fileAvailable) : [];
  return [
    ...[kubelet, bootstrap].filter((check) => check !== undefined),
    ...commonChecks({
      kubernetesVersion: '',
      release: ownRelease,
      kubeletVersion: installed,
      node: join.nodeRegistration,
      kubeletPort: free(ports.kubelet, inKubelet, unfinished),
    }),
    ...authority,
    ...(host === undefined ? [] : [httpProxy(host)]),
    ...(family === 4 ? [fileContent(ipv4Forwarding, '1')] : []),
    ...(family === 6 ? [fileContent(ipv6Forwarding, '1')] : []),
    ...ownNodeChecks({ node: join.nodeRegistration, isPatched: false, directories: [] }),
  ];
}

export interface CommonProfile {
  /** The version of the cluster; empty if it is not known yet. */
  readonly kubernetesVersion: string;
  readonly release: Release;
  readonly node: Pick<NodeRegistration, 'name' | 'criSocket'>;
  readonly kubeletVersion: Promise<KubeletVersion>;
  /** Defaults to a check that the port of the kubelet is free. */
  readonly kubeletPort?: Check;
}

/** The checks that every new node must pass. */
export function commonChecks(profile: CommonProfile): readonly Check[] {
  const { node, release } = profile;
  return [
    cri(node.criSocket),
    containerRuntimeVersion(node.criSocket),
    swap,
    ...(release.needsConntrack ? [programExisting('conntrack', 'by kube-proxy')] : []),
    programExisting('losetup', 'by the kubelet for block volumes'),
    programExisting('mount', 'by the kubelet for volumes'),
    programExisting('cp', 'to copy the data of etcd'),
    systemVerification(profile.kubeletVersion, { upgrade: false }),
    hostname(node.name),
    kubeletVersion(profile.kubernetesVersion, profile.kubeletVersion),
    serviceKubelet,
    profile.kubeletPort ?? port(ports.kubelet),
  ];
}

export interface UpgradeNodeProfile {
  readonly criSocket: string;
  readonly kubeletVersion: Promise<KubeletVersion>;
}

/** The checks of the machine in `upgrade apply` and `upgrade node`. Source: preflight/checks.go, RunUpgradeChecks. */
export function upgradeNodeChecks({
  criSocket,
  kubeletVersion: installed,
}: UpgradeNodeProfile): readonly Check[] {
  return [systemVerification(installed, { upgrade: true }), containerRuntimeVersion(criSocket)];
}

export interface UpgradeClusterProfile {
  readonly client: KubeClient;
  /** The image of Pod sandboxes. */
  readonly pauseImage: string;
  /** The version of CoreDNS that the upgrade installs. */
  readonly coredns: string;
  /** Whether this node must have the manifests of a control plane. A dry run can make up its cluster. */
  readonly hasManifests: boolean;
  readonly signal: AbortSignal;
}

/** The checks of the cluster in `upgrade plan` and `upgrade apply`. */
export function upgradeClusterChecks(profile: UpgradeClusterProfile): readonly Check[] {
  const { client, coredns, hasManifests, signal } = profile;
  return [
    ...corednsChecks({ client, target: coredns, signal }),
    createJob(profile),
    controlPlaneNodesReady(client, signal),
    ...(hasManifests ? [staticPodManifest] : []),
  ];
}

export interface DoctorProfile {
  /** Whether the machine is a node of a cluster. */
  readonly isNode: boolean;
  readonly node: Pick<NodeRegistration, 'name' | 'criSocket'>;
  /** The IP families of the cluster, as far as they are known. */
  readonly families: readonly (4 | 6)[];
  readonly kubeletVersion: Promise<KubeletVersion>;
}

/**
 * The list of `doctor`: what a node must still pass, or what a machine must pass before `init` or `join`. The rules of
 * the diagnosis already look at the container runtime.
 */
export function doctorChecks({ families, isNode, ...profile }: DoctorProfile): readonly Check[] {
  const forwarding = [
    ...(families.includes(4) ? [fileContent(ipv4Forwarding, '1')] : []),
    ...(families.includes(6) ? [fileContent(ipv6Forwarding, '1')] : []),
  ];
  const common = commonChecks({ kubernetesVersion: '', release: ownRelease, ...profile });
  const skipped = isNode ? onlyForNewNodes : byRules;
  return [...common.filter(({ name }) => !skipped.includes(name)), ...forwarding];
}

const byRules: readonly string[] = ['CRI'];
/** A node that runs has passed them, or its user has ignored them. */
const onlyForNewNodes: readonly string[] = [
  ...byRules,
  'ContainerRuntimeVersion',
  'SystemVerification',
  `Port-${ports.kubelet}`,
];
