/** Static defaults of v1beta4 (apis/kubeadm/v1beta4/defaults.go): raw documents in, the hub out. */

import type { KeyAlgorithm } from '../../host/host.ts';
import { parseGoUrl } from '../../lib/go/url.ts';
import { defaultCertificatesDir, defaultEtcdDataDir, defaultNodeTokenGroup } from '../../names.ts';
import type { FeatureGate } from '../../releases/feature-gates.ts';
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

const minute = 60_000;
const hour = 60 * minute;

export const defaultTimeouts: Timeouts = {
  controlPlaneComponentHealthCheck: 4 * minute,
  kubeletHealthCheck: 4 * minute,
  kubernetesAPICall: minute,
  etcdAPICall: 2 * minute,
  tlsBootstrap: 5 * minute,
  discovery: 5 * minute,
  upgradeManifests: 5 * minute,
};

export function defaultInit(raw: RawInit): InitConfiguration {
  return {
    bootstrapTokens: (raw.bootstrapTokens?.length ? raw.bootstrapTokens : [{}]).map(defaultToken),
    dryRun: raw.dryRun ?? false,
    nodeRegistration: defaultRegistration(raw.nodeRegistration ?? {}),
    localAPIEndpoint: defaultEndpoint(raw.localAPIEndpoint),
    certificateKey: raw.certificateKey ?? '',
    skipPhases: raw.skipPhases ?? [],
    patches: raw.patches === undefined ? undefined : { directory: raw.patches.directory ?? '' },
    timeouts: fillTimeouts(raw.timeouts),
  };
}

export function defaultJoin(raw: RawJoin): JoinConfiguration {
  const { discovery = {}, controlPlane } = raw;
  const token = discovery.bootstrapToken;
  const file = discovery.file;
  return {
    dryRun: raw.dryRun ?? false,
    nodeRegistration: defaultRegistration(raw.nodeRegistration ?? {}),
    caCertPath: raw.caCertPath ? raw.caCertPath : `${defaultCertificatesDir}/ca.crt`,
    discovery: {
      tlsBootstrapToken: discovery.tlsBootstrapToken ? discovery.tlsBootstrapToken : (token?.token ?? ''),
      ...(token === undefined
        ? {}
        : {
            bootstrapToken: {
              token: token.token ?? '',
              apiServerEndpoint: token.apiServerEndpoint ?? '',
              caCertHashes: token.caCertHashes ?? [],
              unsafeSkipCAVerification: token.unsafeSkipCAVerification ?? false,
            },
          }),
      ...(file === undefined ? {} : { file: { kubeConfigPath: pathOfFileUrl(file.kubeConfigPath ?? '') } }),
    },
    ...(controlPlane === undefined
      ? {}
      : {
          controlPlane: {
            localAPIEndpoint: defaultEndpoint(controlPlane.localAPIEndpoint),
            certificateKey: controlPlane.certificateKey ?? '',
          },
        }),
    skipPhases: raw.skipPhases ?? [],
    patches: raw.patches === undefined ? undefined : { directory: raw.patches.directory ?? '' },
    timeouts: fillTimeouts(raw.timeouts),
  };
}

/** The path of a `file:` URL; all else as it is. */
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
    certificatesDir: raw.certificatesDir ? raw.certificatesDir : defaultCertificatesDir,
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
      serviceSubnet: networking.serviceSubnet ? networking.serviceSubnet : '10.96.0.0/12',
      podSubnet: networking.podSubnet ?? '',
      dnsDomain: networking.dnsDomain ? networking.dnsDomain : 'cluster.local',
    },
    kubernetesVersion: raw.kubernetesVersion ? raw.kubernetesVersion : 'stable-1',
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
    certificatesDir: raw.certificatesDir ? raw.certificatesDir : defaultCertificatesDir,
    imageRepository: raw.imageRepository ? raw.imageRepository : 'registry.k8s.io',
    featureGates: gates,
    clusterName: raw.clusterName ? raw.clusterName : 'kubernetes',
    encryptionAlgorithm: (raw.encryptionAlgorithm ? raw.encryptionAlgorithm : 'RSA-2048') as KeyAlgorithm,
    certificateValidityPeriod: raw.certificateValidityPeriod ?? 8760 * hour,
    caCertificateValidityPeriod: raw.caCertificateValidityPeriod ?? 87_600 * hour,
  };
}

function defaultEtcd({ local, external }: NonNullable<RawCluster['etcd']>): Etcd {
  const endpoints = external?.endpoints ?? [];
  const etcd: Etcd = {
    ...(local === undefined && external !== undefined
      ? {}
      : {
          local: {
            imageRepository: local?.imageRepository ?? '',
            imageTag: local?.imageTag ?? '',
            dataDir: local?.dataDir ? local.dataDir : defaultEtcdDataDir,
            extraArgs: (local?.extraArgs ?? []).map(arg),
            extraEnvs: (local?.extraEnvs ?? []).map(env),
            serverCertSANs: local?.serverCertSANs ?? [],
            peerCertSANs: local?.peerCertSANs ?? [],
          },
        }),
    ...(external === undefined
      ? {}
      : {
          external: {
            endpoints,
            httpEndpoints: external.httpEndpoints?.length ? external.httpEndpoints : endpoints,
            caFile: external.caFile ?? '',
            certFile: external.certFile ?? '',
            keyFile: external.keyFile ?? '',
          },
        }),
  };
  return etcd;
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
      ...named('value', taint.value),
      effect: taint.effect ?? '',
      ...named('timeAdded', taint.timeAdded),
    })),
    kubeletExtraArgs: (raw.kubeletExtraArgs ?? []).map(arg),
    ignorePreflightErrors: raw.ignorePreflightErrors ?? [],
    imagePullPolicy: (raw.imagePullPolicy ? raw.imagePullPolicy : 'IfNotPresent') as ImagePullPolicy,
    imagePullSerial: raw.imagePullSerial ?? true,
  };
}

function defaultToken(raw: RawToken): BootstrapToken {
  return {
    token: raw.token ?? '',
    ...(raw.description === undefined || raw.description === '' ? {} : { description: raw.description }),
    ttl: raw.ttl ?? 24 * hour,
    ...(raw.expires === undefined ? {} : { expires: raw.expires }),
    usages: raw.usages?.length ? raw.usages : ['signing', 'authentication'],
    groups: raw.groups?.length ? raw.groups : [defaultNodeTokenGroup],
  };
}

function defaultEndpoint(raw: RawInit['localAPIEndpoint'] = {}): InitConfiguration['localAPIEndpoint'] {
  return { advertiseAddress: raw.advertiseAddress ?? '', bindPort: raw.bindPort ? raw.bindPort : 6443 };
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
    ...(raw.value === undefined || raw.value === '' ? {} : { value: raw.value }),
    ...(raw.valueFrom === undefined ? {} : { valueFrom: envSource(raw.valueFrom) }),
  };
}

/** In the form in which core/v1 prints it; a fieldRef without apiVersion means v1. */
function envSource(source: NonNullable<RawEnv['valueFrom']>): Readonly<Record<string, unknown>> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  return {
    ...(fieldRef === undefined
      ? {}
      : { fieldRef: { apiVersion: fieldRef.apiVersion || 'v1', fieldPath: fieldRef.fieldPath ?? '' } }),
    ...(resourceFieldRef === undefined
      ? {}
      : {
          resourceFieldRef: {
            ...named('containerName', resourceFieldRef.containerName),
            resource: resourceFieldRef.resource ?? '',
            divisor: resourceFieldRef.divisor ?? '0',
          },
        }),
    ...(configMapKeyRef === undefined ? {} : { configMapKeyRef: keyRef(configMapKeyRef) }),
    ...(secretKeyRef === undefined ? {} : { secretKeyRef: keyRef(secretKeyRef) }),
    ...(fileKeyRef === undefined
      ? {}
      : {
          fileKeyRef: {
            volumeName: fileKeyRef.volumeName ?? '',
            path: fileKeyRef.path ?? '',
            key: fileKeyRef.key ?? '',
            ...(fileKeyRef.optional === undefined ? {} : { optional: fileKeyRef.optional }),
          },
        }),
  };
}

function keyRef(ref: { readonly name?: string; readonly key?: string; readonly optional?: boolean }) {
  return {
    ...named('name', ref.name),
    key: ref.key ?? '',
    ...(ref.optional === undefined ? {} : { optional: ref.optional }),
  };
}

/** A field that is left out when it is empty. */
function named(name: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined || value === '' ? {} : { [name]: value };
}
