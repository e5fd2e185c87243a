/** The etcd static Pod. Source: cmd/kubeadm/app/phases/etcd/local.go. */
import type { LocalEtcd } from '../config/hub.ts';
import { controlPlaneImages } from '../images.ts';
import { commandArguments, lastArgument, toArguments } from '../lib/arguments.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { isIPv6 } from '../lib/ip.ts';
import { joinPath } from '../lib/join-path.ts';
import { etcdClientUrlsAnnotation, ports } from '../names.ts';
import type { Pod } from './pod.ts';
import { livenessProbe, readiness, startupProbe } from './probes.ts';
import { type ManifestInput, mergeEnvironment, staticPod } from './static-pod.ts';
import { hostPath, sortedVolumes } from './volumes.ts';

/** A member of the cluster that a new member joins. The new member is one of them. */
export interface InitialMember {
  readonly name: string;
  readonly peerURL: string;
}

/** Without `members`, or with this member alone, the Pod is the first member of a new cluster. */
export function etcdPod(input: ManifestInput, etcd: LocalEtcd, members: readonly InitialMember[] = []): Pod {
  const { cluster, endpoint, release } = input;
  const { probes } = release.manifests.etcd;
  const loopback = isIPv6(endpoint.advertiseAddress) ? '::1' : '127.0.0.1';
  const probed = probeEndpoint(etcd, loopback);
  const data = hostPath('etcd-data', etcd.dataDir, { readOnly: false });
  const certificates = hostPath('etcd-certs', `${cluster.certificatesDir}/etcd`, { readOnly: false });
  return staticPod({
    name: 'etcd',
    container: {
      image: controlPlaneImages(input).etcd,
      command: etcdCommand(input, { etcd, members, loopback }),
      livenessProbe: livenessProbe(probed, probes.liveness),
      ...readiness(probed, probes.readiness),
      startupProbe: startupProbe(probed, probes.startup, input.healthCheckTimeout),
      resources: { requests: { cpu: '100m', memory: '100Mi' } },
      volumeMounts: [data.mount, certificates.mount],
    },
    port: probed.port,
    environment: mergeEnvironment(etcd.extraEnvs),
    volumes: sortedVolumes([data, certificates]).volumes,
    annotations: { [etcdClientUrlsAnnotation]: url(endpoint.advertiseAddress, ports.etcdClient) },
  });
}

function etcdCommand(
  { cluster, endpoint, nodeName, release }: ManifestInput,
  options: {
    readonly etcd: LocalEtcd;
    readonly members: readonly InitialMember[];
    readonly loopback: string;
  },
): readonly string[] {
  const { etcd, members, loopback } = options;
  const inCertificates = (file: string) => joinPath(cluster.certificatesDir, 'etcd', file);
  const client = url(endpoint.advertiseAddress, ports.etcdClient);
  const peer = url(endpoint.advertiseAddress, ports.etcdPeer);
  const isFirst = members.every(({ peerURL }) => peerURL === peer);
  const initialCluster = isFirst
    ? { 'initial-cluster': `${nodeName}=${peer}` }
    : {
        'initial-cluster': members.map(({ name, peerURL }) => `${name}=${peerURL}`).join(','),
        'initial-cluster-state': 'existing',
      };
  const defaults = {
    'advertise-client-urls': client,
    'cert-file': inCertificates('server.crt'),
    'client-cert-auth': 'true',
    'data-dir': etcd.dataDir,
    'initial-advertise-peer-urls': peer,
    ...initialCluster,
    'key-file': inCertificates('server.key'),
    'listen-client-urls': `${url(loopback, ports.etcdClient)},${client}`,
    'listen-metrics-urls': `http://${joinHostPort(loopback, ports.etcdMetrics)}`,
    'listen-peer-urls': peer,
    name: nodeName,
    'peer-cert-file': inCertificates('peer.crt'),
    'peer-client-cert-auth': 'true',
    'peer-key-file': inCertificates('peer.key'),
    'peer-trusted-ca-file': inCertificates('ca.crt'),
    'snapshot-count': '10000',
    'trusted-ca-file': inCertificates('ca.crt'),
    ...release.manifests.etcd.flags,
  };
  return ['etcd', ...commandArguments(toArguments(defaults), etcd.extraArgs)];
}

/** The target of the probes: the first URL of the user's listen-metrics-urls, as far as it can be read. */
function probeEndpoint(
  etcd: LocalEtcd,
  loopback: string,
): { readonly host: string; readonly port: number; readonly scheme: 'HTTP' | 'HTTPS' } {
  const usual = { host: loopback, port: ports.etcdMetrics, scheme: 'HTTP' } as const;
  const given = lastArgument(etcd.extraArgs, 'listen-metrics-urls');
  const parts = parseUrl(given?.split(',')[0] ?? '');
  if (parts === undefined) return usual;
  const port = Number(parts.port);
  return {
    host: parts.host === '' ? loopback : parts.host,
    port: parts.port !== '' && port >= 1 && port <= 65535 ? port : ports.etcdMetrics,
    scheme: parts.scheme === 'https' ? 'HTTPS' : 'HTTP',
  };
}

/** Reads a URL as Go's net/url does, which treats `localhost:2381` and `http://localhost:2381` differently. */
function parseUrl(
  text: string,
): { readonly scheme: string; readonly host: string; readonly port: string } | undefined {
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?:[^@/?#]*@)?([^/?#]*))?/.exec(text);
  const authority = match?.[2] ?? '';
  const scheme = (match?.[1] ?? '').toLowerCase();
  const host = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(authority);
  if (host === null) return undefined;
  return { scheme, host: host[1] ?? host[2] ?? '', port: host[3] ?? '' };
}

function url(host: string, port: number): string {
  return `https://${joinHostPort(host, port)}`;
}
