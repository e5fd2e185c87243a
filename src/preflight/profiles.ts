/** Which command runs which checks, in upstream's order. Source: preflight/checks.go InitNodeChecks, addCommonChecks. */
import type { ClusterConfiguration, InitConfiguration, NodeRegistration } from '../config/hub.ts';
import { parseCIDRSloppy, parseIPSloppy } from '../lib/ip.ts';
import { compareSemanticVersions, parseSemanticVersion } from '../lib/semantic-version.ts';
import { manifestsDir, ports } from '../names.ts';
import { kubeadmVersion } from '../versions.ts';
import type { Check } from './check.ts';
import { containerRuntimeVersion } from './checks/container-runtime-version.ts';
import { cri } from './checks/cri.ts';
import { dirAvailable } from './checks/dir-available.ts';
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
import { kubeletVersion } from './checks/kubelet-version.ts';
import { kubernetesVersion } from './checks/kubernetes-version.ts';
import { mem } from './checks/mem.ts';
import { numCpu } from './checks/num-cpu.ts';
import { port } from './checks/port.ts';
import { serviceKubelet } from './checks/service-kubelet.ts';
import { swap } from './checks/swap.ts';
import { systemVerification } from './checks/system-verification.ts';

const requiredCpus = 2;
/** MiB, although upstream says MB. */
const requiredMemory = 1700;
const ipv4Forwarding = '/proc/sys/net/ipv4/ip_forward';
const ipv6Forwarding = '/proc/sys/net/ipv6/conf/default/forwarding';

/** The list of its own that init, join, reset and upgrade begin with; all that reset runs. */
export const rootChecks: readonly Check[] = [isPrivilegedUser];

export interface InitProfile {
  readonly init: InitConfiguration;
  readonly cluster: ClusterConfiguration;
}

/** The list of `init`, after the root check and before the images are pulled. */
export function initChecks({ init, cluster }: InitProfile): readonly Check[] {
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
    port(bindPort),
    port(ports.scheduler),
    port(ports.controllerManager),
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'].map((component) =>
      fileAvailable(`${manifestsDir}/${component}.yaml`),
    ),
    httpProxy(advertiseAddress),
    ...subnets.map(httpProxyCidr),
    ...commonChecks(cluster.kubernetesVersion, init.nodeRegistration),
    ...(families.has(4) ? [fileContent(ipv4Forwarding, '1')] : []),
    ...(families.has(6) ? [fileContent(ipv6Forwarding, '1')] : []),
    ...(external === undefined ? [] : [externalEtcdVersion(external)]),
    ...(local === undefined
      ? []
      : [port(ports.etcdClient), port(ports.etcdPeer), dirAvailable(local.dataDir)]),
    ...(external === undefined ? [] : externalEtcdClientCertificates(external)),
  ];
}

/** What every new node must pass. `version` is the cluster's; empty when it is not known yet. */
export function commonChecks(version: string, node: NodeRegistration): readonly Check[] {
  return [
    cri(node.criSocket),
    containerRuntimeVersion(node.criSocket),
    swap,
    ...(isBelow(version, '1.32.0') ? [programExisting('conntrack', 'by kube-proxy')] : []),
    programExisting('losetup', 'by the kubelet for block volumes'),
    programExisting('mount', 'by the kubelet for volumes'),
    programExisting('cp', 'to copy the data of etcd'),
    systemVerification({ upgrade: false }),
    hostname(node.name),
    kubeletVersion(version),
    serviceKubelet,
    port(ports.kubelet),
  ];
}

function isBelow(version: string, limit: string): boolean {
  const a = parseSemanticVersion(version);
  const b = parseSemanticVersion(limit);
  return a !== undefined && b !== undefined && compareSemanticVersions(a, b) < 0;
}
