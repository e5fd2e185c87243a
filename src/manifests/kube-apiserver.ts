/** The kube-apiserver static Pod. Source: cmd/kubeadm/app/phases/controlplane/manifests.go. */
import type { ClusterConfiguration } from '../config/hub.ts';
import { controlPlaneImages } from '../images.ts';
import { commandArguments, lastArgument, toArguments } from '../lib/arguments.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { isIPv6 } from '../lib/ip.ts';
import { joinPath } from '../lib/join-path.ts';
import { apiServerEndpointAnnotation, ports } from '../names.ts';
import type { Pod } from './pod.ts';
import { livenessProbe, probeHost, readiness, startupProbe } from './probes.ts';
import { type ManifestInput, mergeEnvironment, staticPod } from './static-pod.ts';
import { certificatePaths, externalEtcdPaths, sortedVolumes, withExtraVolumes } from './volumes.ts';

const authorizationModes = ['Node', 'RBAC', 'Webhook', 'ABAC', 'AlwaysAllow', 'AlwaysDeny'];
const defaultAuthorizationMode = 'Node,RBAC';

export function kubeApiserverPod(input: ManifestInput): Pod {
  const { cluster, endpoint, facts, release } = input;
  const { probes } = release.manifests['kube-apiserver'];
  const { certificatesDir, etcd, apiServer } = cluster;
  const probed = {
    host: endpoint.advertiseAddress === '' ? '127.0.0.1' : probeHost(endpoint.advertiseAddress),
    scheme: 'HTTPS',
  } as const;
  const paths = [
    ...certificatePaths(certificatesDir, facts.caDirectories),
    ...(etcd.external === undefined ? [] : externalEtcdPaths(etcd.external, certificatesDir)),
  ];
  const { volumes, volumeMounts } = sortedVolumes(withExtraVolumes(paths, apiServer.extraVolumes));
  return staticPod({
    name: 'kube-apiserver',
    container: {
      image: controlPlaneImages(input).kubeApiserver,
      command: kubeApiserverCommand(input),
      livenessProbe: livenessProbe(probed, probes.liveness),
      ...readiness(probed, probes.readiness),
      startupProbe: startupProbe(probed, probes.startup, input.healthCheckTimeout),
      resources: { requests: { cpu: '250m' } },
      volumeMounts,
    },
    port: endpoint.bindPort,
    environment: mergeEnvironment(facts.proxyEnvironment, apiServer.extraEnvs),
    volumes,
    annotations: {
      [apiServerEndpointAnnotation]: joinHostPort(endpoint.advertiseAddress, endpoint.bindPort),
    },
  });
}

export interface AuthorizationModeFindings {
  /** The modes of authorization-mode that kube-apiserver does not have. */
  readonly unknown: readonly string[];
  /** The user's valid modes if they differ from the default; undefined otherwise. */
  readonly unusual: string | undefined;
}

/** The problems of the user's authorization-mode that deserve a warning. */
export function authorizationModeFindings(cluster: ClusterConfiguration): AuthorizationModeFindings {
  const given = lastArgument(cluster.apiServer.extraArgs, 'authorization-mode');
  if (!given || lastArgument(cluster.apiServer.extraArgs, 'authorization-config') !== undefined) {
    return { unknown: [], unusual: undefined };
  }
  const words = given.split(',');
  const known = words.filter((word) => authorizationModes.includes(word)).join(',');
  const unknown = words.filter((word) => !authorizationModes.includes(word));
  return { unknown, unusual: known === '' || known === defaultAuthorizationMode ? undefined : known };
}

function kubeApiserverCommand({ cluster, endpoint, release }: ManifestInput): readonly string[] {
  const { extraArgs } = cluster.apiServer;
  const inCertificates = (file: string) => joinPath(cluster.certificatesDir, file);
  const defaults: Record<string, string> = {
    'advertise-address': endpoint.advertiseAddress,
    'allow-privileged': 'true',
    'client-ca-file': inCertificates('ca.crt'),
    'enable-admission-plugins': 'NodeRestriction',
    'enable-bootstrap-token-auth': 'true',
    'kubelet-client-certificate': inCertificates('apiserver-kubelet-client.crt'),
    'kubelet-client-key': inCertificates('apiserver-kubelet-client.key'),
    'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
    'proxy-client-cert-file': inCertificates('front-proxy-client.crt'),
    'proxy-client-key-file': inCertificates('front-proxy-client.key'),
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-client-ca-file': inCertificates('front-proxy-ca.crt'),
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-username-headers': 'X-Remote-User',
    'secure-port': String(endpoint.bindPort),
    'service-account-issuer': `https://kubernetes.default.svc.${cluster.networking.dnsDomain}`,
    'service-account-key-file': inCertificates('sa.pub'),
    'service-account-signing-key-file': inCertificates('sa.key'),
    'service-cluster-ip-range': cluster.networking.serviceSubnet,
    'tls-cert-file': inCertificates('apiserver.crt'),
    'tls-private-key-file': inCertificates('apiserver.key'),
    ...etcdArguments(cluster, endpoint.advertiseAddress),
    ...release.manifests['kube-apiserver'].flags,
  };
  if (lastArgument(extraArgs, 'authorization-config') === undefined) {
    defaults['authorization-mode'] = defaultAuthorizationMode;
  }
  return ['kube-apiserver', ...commandArguments(toArguments(defaults), extraArgs)];
}

function etcdArguments(cluster: ClusterConfiguration, advertiseAddress: string): Record<string, string> {
  const { external, local } = cluster.etcd;
  if (external !== undefined) {
    const pair = external.certFile !== '' && external.keyFile !== '';
    return {
      'etcd-servers': external.endpoints.join(','),
      ...(external.caFile === '' ? {} : { 'etcd-cafile': external.caFile }),
      ...(pair ? { 'etcd-certfile': external.certFile, 'etcd-keyfile': external.keyFile } : {}),
    };
  }
  const inCertificates = (file: string) => joinPath(cluster.certificatesDir, file);
  const loopback = isIPv6(advertiseAddress) ? '::1' : '127.0.0.1';
  return {
    'etcd-servers':
      lastArgument(local?.extraArgs ?? [], 'advertise-client-urls') ??
      `https://${joinHostPort(loopback, ports.etcdClient)}`,
    'etcd-cafile': inCertificates('etcd/ca.crt'),
    'etcd-certfile': inCertificates('apiserver-etcd-client.crt'),
    'etcd-keyfile': inCertificates('apiserver-etcd-client.key'),
  };
}
