import type { ClusterConfiguration, InitConfiguration } from '../config/hub.ts';
import { compareBytes } from '../lib/compare-bytes.ts';
import { isDnsNameOrWildcard, splitHostPort } from '../lib/host-port.ts';
import { nthAddress, parseCIDRSloppy, parseIPSloppy } from '../lib/ip.ts';

/** The input for the names of certificates; `InitInput` has these fields. */
export interface NodeConfig {
  readonly cluster: ClusterConfiguration;
  readonly init: Pick<InitConfiguration, 'nodeRegistration' | 'localAPIEndpoint'>;
}

/** Subject alternative names. Source: app/util/pkiutil, GetAPIServerAltNames and getAltNames. */
export interface SubjectAltNames {
  /** DNS names, sorted and unique. */
  readonly dnsNames: readonly string[];
  /** Addresses in canonical text, unique, in the order of the configuration. */
  readonly ips: readonly string[];
  /** Names of the configuration that are neither an address nor a DNS name. */
  readonly ignored: readonly string[];
}

/** The names under which clients reach this API server. */
export function apiServerNames({ cluster, init }: NodeConfig): SubjectAltNames {
  const { serviceSubnet, dnsDomain } = cluster.networking;
  const firstSubnet = parseCIDRSloppy(serviceSubnet.split(',')[0]?.trim() ?? '');
  return collectNames({
    given: [
      ...(firstSubnet === undefined ? [] : [nthAddress(firstSubnet, 1)]),
      init.localAPIEndpoint.advertiseAddress,
      init.nodeRegistration.name,
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      ...(dnsDomain === '' ? [] : [`kubernetes.default.svc.${dnsDomain}`]),
      ...(cluster.controlPlaneEndpoint === '' ? [] : [hostOf(cluster.controlPlaneEndpoint)]),
    ],
    extra: cluster.apiServer.certSANs,
  });
}

/** The names under which etcd's clients reach this member. */
export function etcdServerNames(config: NodeConfig): SubjectAltNames {
  return etcdNames(config, config.cluster.etcd.local?.serverCertSANs ?? []);
}

/** The names under which other members reach this member. */
export function etcdPeerNames(config: NodeConfig): SubjectAltNames {
  return etcdNames(config, config.cluster.etcd.local?.peerCertSANs ?? []);
}

function etcdNames({ init }: NodeConfig, extra: readonly string[]): SubjectAltNames {
  const { advertiseAddress } = init.localAPIEndpoint;
  return collectNames({
    given: [init.nodeRegistration.name, 'localhost', advertiseAddress, '127.0.0.1', '::1'],
    extra,
  });
}

function hostOf(endpoint: string): string {
  return splitHostPort(endpoint)?.host ?? endpoint.replace(/^\[(.*)\]$/, '$1');
}

/** `given` are kubeadm's own names and are not checked. `extra` are the user's names. */
function collectNames(names: {
  readonly given: readonly string[];
  readonly extra: readonly string[];
}): SubjectAltNames {
  const dnsNames = new Set<string>();
  const ips = new Set<string>();
  const ignored: string[] = [];
  for (const name of names.given) {
    const ip = parseIPSloppy(name);
    if (ip !== undefined) ips.add(ip.text);
    else if (name !== '') dnsNames.add(name);
  }
  for (const name of names.extra) {
    const ip = parseIPSloppy(name);
    if (ip !== undefined) ips.add(ip.text);
    else if (isDnsNameOrWildcard(name)) dnsNames.add(name);
    else ignored.push(name);
  }
  return { dnsNames: [...dnsNames].sort(compareBytes), ips: [...ips], ignored };
}
