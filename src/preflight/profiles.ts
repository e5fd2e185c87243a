/** The lists of checks that each command runs, in upstream's order. Source: preflight/checks.go InitNodeChecks, addCommonChecks. */
import type { ClusterConfiguration, InitConfiguration, NodeRegistration } from '../config/hub.ts';
import { parseCIDRSloppy, parseIPSloppy } from '../lib/ip.ts';
import { manifestPath, ports, staticPods } from '../names.ts';
import type { Release } from '../releases/release.ts';
import { kubeadmVersion } from '../versions.ts';
import type { Check } from './check.ts';
import { containerRuntimeVersion } from './checks/container-runtime-version.ts';
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
import { swap } from './checks/swap.ts';
import { systemVerification } from './checks/system-verification/system-verification.ts';

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
}

/** The list of `init`. It follows the root check, and images are pulled after it. */
export function initChecks(profile: InitProfile): readonly Check[] {
  const { init, cluster, ownEtcdDataDir, release, unfinished, kubeletVersion: installed } = profile;
  const free = (number: number, isOwn: OwnUse): Check =>
    unfinished === undefined ? port(number) : portOrOwn(number, isOwn);
  const own = (component: string): OwnUse => inContainer(component, init.nodeRegistration.criSocket);
  const { advertiseAddress, bindPort } = init.localAPIEndpoint;
  const { external, local } = cluster.etcd;
  const subnets = [
    ...cluster.networking.serviceSubnet.split(','),
    ...cluster.networking.podSubnet.split(','),
  ];
  const families = new Set([
    ...subnets.map((subnet) => parseCIDRSloppy(subnet)?.family),
    parseIPSloppy(advertiseAddress)?.family,
  ]);
  return [
    numCpu(requiredCpus),
    mem(requiredMemory),
    kubernetesVersion(kubeadmVersion, cluster.kubernetesVersion),
    firewalld([bindPort, ports.kubelet]),
    free(bindPort, own('kube-apiserver')),
    free(ports.scheduler, own('kube-scheduler')),
    free(ports.controllerManager, own('kube-controller-manager')),
    ...(unfinished === undefined ? staticPods : []).map((component) =>
      fileAvailable(manifestPath(component)),
    ),
    httpProxy(advertiseAddress),
    ...subnets.map(httpProxyCidr),
    ...commonChecks({
      kubernetesVersion: cluster.kubernetesVersion,
      release,
      kubeletVersion: installed,
      node: init.nodeRegistration,
      kubeletPort: free(ports.kubelet, inKubelet),
    }),
    ...(families.has(4) ? [fileContent(ipv4Forwarding, '1')] : []),
    ...(families.has(6) ? [fileContent(ipv6Forwarding, '1')] : []),
    ...(external === undefined ? [] : [externalEtcdVersion(external, release.minimumExternalEtcd)]),
    ...(local === undefined
      ? []
      : [
          free(ports.etcdClient, own('etcd')),
          free(ports.etcdPeer, own('etcd')),
          unfinished !== undefined && local.dataDir === ownEtcdDataDir
            ? dirAvailableOrOwn(local.dataDir)
            : dirAvailable(local.dataDir),
        ]),
    ...(external === undefined ? [] : externalEtcdClientCertificates(external)),
  ];
}

export interface CommonProfile {
  /** The version of the cluster; empty if it is not known yet. */
  readonly kubernetesVersion: string;
  readonly release: Release;
  readonly node: NodeRegistration;
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
