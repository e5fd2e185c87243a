/**
 * The defaults that kubeadm sets in component configurations, and the warnings for different values of the user.
 * Source: cmd/kubeadm/app/componentconfigs/{kubelet,kubeproxy}.go.
 */
import { addressAt, isIPv6, parseCIDRSloppy } from '../../lib/ip.ts';
import { at, isRecord } from '../../lib/is-record.ts';
import { joinPath } from '../../lib/join-path.ts';
import { manifestsDir } from '../../names.ts';
import type { ConfigWarning } from '../findings/finding.ts';
import type { APIEndpoint, ClusterConfiguration } from '../hub.ts';
import type { ComponentKind } from './go-types.ts';

type Data = Readonly<Record<string, unknown>>;
type Recommended = readonly (readonly [path: string, value: unknown])[];

interface Defaulted {
  readonly data: Data;
  readonly findings: readonly ConfigWarning[];
}

/** Returns the address of the DNS Service, which is number 10 of the first service subnet. */
export function clusterDns(serviceSubnet: string): string {
  const cidr = parseCIDRSloppy(serviceSubnet.split(',')[0] ?? '');
  return (cidr === undefined ? undefined : addressAt(cidr, 10)) ?? '10.96.0.10';
}

export function defaultKubelet(given: Data, cluster: ClusterConfiguration): Defaulted {
  const recommended: Recommended = [
    ['staticPodPath', manifestsDir],
    ['clusterDNS', [clusterDns(cluster.networking.serviceSubnet)]],
    ['clusterDomain', cluster.networking.dnsDomain],
    ['authentication.x509.clientCAFile', joinPath(cluster.certificatesDir, 'ca.crt')],
    ['authentication.anonymous.enabled', false],
    ['authentication.webhook.enabled', true],
    ['authorization.mode', 'Webhook'],
    ['healthzBindAddress', '127.0.0.1'],
    ['healthzPort', 10248],
  ];
  const { data, findings } = recommend('KubeletConfiguration', given, recommended);
  const readOnlyPort = given.readOnlyPort;
  const readOnly =
    typeof readOnlyPort === 'number' && readOnlyPort !== 0
      ? [differs({ kind: 'KubeletConfiguration', path: 'readOnlyPort' }, 0, readOnlyPort)]
      : [];
  return {
    data: {
      ...data,
      rotateCertificates: true,
      cgroupDriver: given.cgroupDriver ? given.cgroupDriver : 'systemd',
    },
    findings: [...findings, ...readOnly],
  };
}

export function defaultKubeProxy(
  given: Data,
  cluster: ClusterConfiguration,
  endpoint: APIEndpoint,
): Defaulted {
  const { advertiseAddress } = endpoint;
  const bindAddress = advertiseAddress !== '' && !isIPv6(advertiseAddress) ? '0.0.0.0' : '::';
  return recommend('KubeProxyConfiguration', given, [
    ['bindAddress', bindAddress],
    ...(cluster.networking.podSubnet === '' ? [] : [['clusterCIDR', cluster.networking.podSubnet] as const]),
    ['clientConnection.kubeconfig', '/var/lib/kube-proxy/kubeconfig.conf'],
  ]);
}

function recommend(kind: ComponentKind, given: Data, recommended: Recommended): Defaulted {
  const findings: ConfigWarning[] = [];
  let data = given;
  for (const [path, value] of recommended) {
    const present = at(data, ...path.split('.'));
    // An empty list is a value that the user chose.
    if (present === undefined || present === null || present === '') data = put(data, path.split('.'), value);
    else if (JSON.stringify(present) !== JSON.stringify(value))
      findings.push(differs({ kind, path }, value, present));
  }
  return { data, findings };
}

function differs(
  { kind, path }: { readonly kind: ComponentKind; readonly path: string },
  recommended: unknown,
  value: unknown,
): ConfigWarning {
  const shown = (data: unknown): string => (typeof data === 'string' ? data : JSON.stringify(data));
  return {
    severity: 'warning',
    code: 'component-value-not-recommended',
    message: `the recommended value for "${path}" in "${kind}" is ${shown(recommended)}; the provided value is ${shown(value)}`,
    place: { path },
  };
}

function put(data: Data, path: readonly string[], value: unknown): Data {
  const [step, ...rest] = path;
  if (step === undefined) return data;
  const child = data[step];
  const inner = isRecord(child) ? child : {};
  return { ...data, [step]: rest.length === 0 ? value : put(inner, rest, value) };
}
