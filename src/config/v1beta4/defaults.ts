/** Turns raw v1beta4 documents into the hub with static defaults. Source: apis/kubeadm/v1beta4/defaults.go. */

import type { KeyAlgorithm } from '../../host.ts';
import { defined } from '../../lib/defined.ts';
import { parseGoUrl } from '../../lib/go/url.ts';
import { defaultCertificatesDir, defaultEtcdDataDir } from '../../names.ts';
import type { FeatureGate } from '../../releases/feature-gates.ts';
import {
  defaultBindPort,
  defaultCaCertificateValidity,
  defaultCaCertPath,
  defaultCertificateValidity,
  defaultClusterName,
  defaultDnsDomain,
  defaultEncryptionAlgorithm,
  defaultImagePullPolicy,
  defaultImageRepository,
  defaultKubernetesVersion,
  defaultServiceSubnet,
  defaultTimeouts,
  defaultTokenGroups,
  defaultTokenTtl,
  defaultTokenUsages,
} from '../defaults.ts';
import type {
  BootstrapToken,
  ClusterConfiguration,
  EnvVar,
  Etcd,
  ImagePullPolicy,
  InitConfiguration,
  JoinConfiguration,
  NodeRegistration,
  ResetConfiguration,
  Timeouts,
} from '../hub.ts';
import type { Decoded } from '../reading/shape.ts';
import type {
  clusterConfiguration,
  initConfiguration,
  joinConfiguration,
  nodeRegistration,
  resetConfiguration,
  timeouts,
} from './shapes.ts';

export type RawInit = Decoded<typeof initConfiguration>;
export type RawCluster = Decoded<typeof clusterConfiguration>;
export type RawJoin = Decoded<typeof joinConfiguration>;
export type RawReset = Decoded<typeof resetConfiguration>;
type RawRegistration = Decoded<typeof nodeRegistration>;
type RawToken = NonNullable<RawInit['bootstrapTokens']>[number];
type RawArgs = NonNullable<RawRegistration['kubeletExtraArgs']>;

export function defaultInit(raw: RawInit): InitConfiguration {
  return {
    bootstrapTokens: (raw.bootstrapTokens?.length ? raw.bootstrapTokens : [{}]).map(defaultToken),
    dryRun: raw.dryRun ?? false,
    nodeRegistration: defaultRegistration(raw.nodeRegistration ?? {}),
    localAPIEndpoint: defaultEndpoint(raw.localAPIEndpoint),
    certificateKey: raw.certificateKey ?? '',
    skipPhases: raw.skipPhases ?? [],
    patches: raw.patches && { directory: raw.patches.directory ?? '' },
    timeouts: fillTimeouts(raw.timeouts),
  };
}

export function defaultJoin(raw: RawJoin): JoinConfiguration {
  const { discovery = {}, controlPlane } = raw;
  return {
    dryRun: raw.dryRun ?? false,
    nodeRegistration: defaultRegistration(raw.nodeRegistration ?? {}),
    caCertPath: raw.caCertPath || defaultCaCertPath,
    discovery: defaultDiscovery(discovery),
    ...defined({
      controlPlane: controlPlane && {
        localAPIEndpoint: defaultEndpoint(controlPlane.localAPIEndpoint),
        certificateKey: controlPlane.certificateKey ?? '',
      },
    }),
    skipPhases: raw.skipPhases ?? [],
    patches: raw.patches && { directory: raw.patches.directory ?? '' },
    timeouts: fillTimeouts(raw.timeouts),
  };
}

function defaultDiscovery({
  bootstrapToken: token,
  file,
  tlsBootstrapToken,
}: NonNullable<RawJoin['discovery']>): JoinConfiguration['discovery'] {
  return {
    tlsBootstrapToken: tlsBootstrapToken || (token?.token ?? ''),
    ...defined({
      bootstrapToken: token && {
        token: token.token ?? '',
        apiServerEndpoint: token.apiServerEndpoint ?? '',
        caCertHashes: token.caCertHashes ?? [],
        unsafeSkipCAVerification: token.unsafeSkipCAVerification ?? false,
      },
      file: file && { kubeConfigPath: pathOfFileUrl(file.kubeConfigPath ?? '') },
    }),
  };
}

/** Returns the path of a `file:` URL. Returns any other text unchanged. */
function pathOfFileUrl(location: string): string {
  try {
    const { scheme, path } = parseGoUrl(location);
    return scheme === 'file' ? path : location;
  } catch {
    return location;
  }
}

export function defaultReset(raw: RawReset): ResetConfiguration {
  return {
    cleanupTmpDir: raw.cleanupTmpDir ?? false,
    certificatesDir: raw.certificatesDir || defaultCertificatesDir,
    criSocket: raw.criSocket ?? '',
    dryRun: raw.dryRun ?? false,
    force: raw.force ?? false,
    ignorePreflightErrors: raw.ignorePreflightErrors ?? [],
    skipPhases: raw.skipPhases ?? [],
    unmountFlags: raw.unmountFlags ?? [],
    timeouts: fillTimeouts(raw.timeouts),
  };
}

export function defaultCluster(raw: RawCluster): ClusterConfiguration {
  const { networking = {}, apiServer = {}, dns = {} } = raw;
  const gates: Partial<Record<FeatureGate, boolean>> = { ...raw.featureGates };
  return {
    etcd: defaultEtcd(raw.etcd ?? {}),
    networking: {
      serviceSubnet: networking.serviceSubnet || defaultServiceSubnet,
      podSubnet: networking.podSubnet ?? '',
      dnsDomain: networking.dnsDomain || defaultDnsDomain,
    },
    kubernetesVersion: raw.kubernetesVersion || defaultKubernetesVersion,
    controlPlaneEndpoint: raw.controlPlaneEndpoint ?? '',
    apiServer: { ...component(apiServer), certSANs: apiServer.certSANs ?? [] },
    controllerManager: component(raw.controllerManager ?? {}),
    scheduler: component(raw.scheduler ?? {}),
    dns: {
      imageRepository: dns.imageRepository ?? '',
      imageTag: dns.imageTag ?? '',
      disabled: dns.disabled ?? false,
    },
    proxy: { disabled: raw.proxy?.disabled ?? false },
    certificatesDir: raw.certificatesDir || defaultCertificatesDir,
    imageRepository: raw.imageRepository || defaultImageRepository,
    featureGates: gates,
    clusterName: raw.clusterName || defaultClusterName,
    encryptionAlgorithm: (raw.encryptionAlgorithm || defaultEncryptionAlgorithm) as KeyAlgorithm,
    certificateValidityPeriod: raw.certificateValidityPeriod ?? defaultCertificateValidity,
    caCertificateValidityPeriod: raw.caCertificateValidityPeriod ?? defaultCaCertificateValidity,
  };
}

/** Defaults to a local etcd. */
function defaultEtcd({ local, external }: NonNullable<RawCluster['etcd']>): Etcd {
  return defined({
    local: local === undefined && external !== undefined ? undefined : defaultLocalEtcd(local ?? {}),
    external: external && defaultExternalEtcd(external),
  });
}

type RawEtcd = Required<NonNullable<RawCluster['etcd']>>;

function defaultLocalEtcd(raw: RawEtcd['local']): NonNullable<Etcd['local']> {
  return {
    imageRepository: raw.imageRepository ?? '',
    imageTag: raw.imageTag ?? '',
    dataDir: raw.dataDir || defaultEtcdDataDir,
    extraArgs: (raw.extraArgs ?? []).map(arg),
    extraEnvs: (raw.extraEnvs ?? []).map(env),
    serverCertSANs: raw.serverCertSANs ?? [],
    peerCertSANs: raw.peerCertSANs ?? [],
  };
}

function defaultExternalEtcd(raw: RawEtcd['external']): NonNullable<Etcd['external']> {
  const endpoints = raw.endpoints ?? [];
  return {
    endpoints,
    httpEndpoints: raw.httpEndpoints?.length ? raw.httpEndpoints : endpoints,
    caFile: raw.caFile ?? '',
    certFile: raw.certFile ?? '',
    keyFile: raw.keyFile ?? '',
  };
}

function component(raw: NonNullable<RawCluster['scheduler']>): ClusterConfiguration['scheduler'] {
  return {
    extraArgs: (raw.extraArgs ?? []).map(arg),
    extraVolumes: (raw.extraVolumes ?? []).map((volume) => ({
      name: volume.name ?? '',
      hostPath: volume.hostPath ?? '',
      mountPath: volume.mountPath ?? '',
      readOnly: volume.readOnly ?? false,
      pathType: volume.pathType ?? '',
    })),
    extraEnvs: (raw.extraEnvs ?? []).map(env),
  };
}

function defaultRegistration(raw: RawRegistration): NodeRegistration {
  return {
    name: raw.name ?? '',
    criSocket: raw.criSocket ?? '',
    taints: raw.taints?.map((taint) => ({
      key: taint.key ?? '',
      ...defined({ value: taint.value || undefined }),
      effect: taint.effect ?? '',
      ...defined({ timeAdded: taint.timeAdded || undefined }),
    })),
    kubeletExtraArgs: (raw.kubeletExtraArgs ?? []).map(arg),
    ignorePreflightErrors: raw.ignorePreflightErrors ?? [],
    imagePullPolicy: (raw.imagePullPolicy || defaultImagePullPolicy) as ImagePullPolicy,
    imagePullSerial: raw.imagePullSerial ?? true,
  };
}

function defaultToken(raw: RawToken): BootstrapToken {
  return {
    token: raw.token ?? '',
    ...defined({ description: raw.description || undefined, expires: raw.expires }),
    ttl: raw.ttl ?? defaultTokenTtl,
    usages: raw.usages?.length ? raw.usages : defaultTokenUsages,
    groups: raw.groups?.length ? raw.groups : defaultTokenGroups,
  };
}

function defaultEndpoint(raw: RawInit['localAPIEndpoint'] = {}): InitConfiguration['localAPIEndpoint'] {
  return { advertiseAddress: raw.advertiseAddress ?? '', bindPort: raw.bindPort || defaultBindPort };
}

export function fillTimeouts(raw: Decoded<typeof timeouts> = {}): Timeouts {
  return { ...defaultTimeouts, ...raw };
}

function arg(raw: RawArgs[number]): { name: string; value: string } {
  return { name: raw.name ?? '', value: raw.value ?? '' };
}

type RawEnv = NonNullable<NonNullable<RawCluster['scheduler']>['extraEnvs']>[number];

function env(raw: RawEnv): EnvVar {
  return {
    name: raw.name ?? '',
    ...defined({ value: raw.value || undefined, valueFrom: raw.valueFrom && envSource(raw.valueFrom) }),
  };
}

/** Returns the source in the form of core/v1. The apiVersion of a fieldRef defaults to v1. */
function envSource(source: NonNullable<RawEnv['valueFrom']>): Readonly<Record<string, unknown>> {
  const { fieldRef, resourceFieldRef: resource, configMapKeyRef, secretKeyRef, fileKeyRef: file } = source;
  return defined({
    fieldRef: fieldRef && { apiVersion: fieldRef.apiVersion || 'v1', fieldPath: fieldRef.fieldPath ?? '' },
    resourceFieldRef:
      resource &&
      defined({
        containerName: resource.containerName || undefined,
        resource: resource.resource ?? '',
        divisor: resource.divisor ?? '0',
      }),
    configMapKeyRef: configMapKeyRef && keyRef(configMapKeyRef),
    secretKeyRef: secretKeyRef && keyRef(secretKeyRef),
    fileKeyRef:
      file &&
      defined({
        volumeName: file.volumeName ?? '',
        path: file.path ?? '',
        key: file.key ?? '',
        optional: file.optional,
      }),
  });
}

function keyRef(ref: { readonly name?: string; readonly key?: string; readonly optional?: boolean }) {
  return defined({ name: ref.name || undefined, key: ref.key ?? '', optional: ref.optional });
}
