/** Converts the hub to v1beta4 documents for `config print`, `config migrate` and the cluster. */
import { formatDuration } from '../lib/go/duration.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { kubeadmGroup } from '../names.ts';
import type {
  ClusterConfiguration,
  ControlPlaneComponent,
  Etcd,
  ImageMeta,
  InitConfiguration,
  JoinConfiguration,
  NodeRegistration,
  ResetConfiguration,
  Timeouts,
} from './hub.ts';
import type { UpgradeConfiguration } from './v1beta4/upgrade.ts';

type Document = Readonly<Record<string, unknown>>;

const apiVersion = `${kubeadmGroup}/v1beta4`;

/** Returns the value of `ClusterConfiguration` in ConfigMap kube-system/kubeadm-config. */
export function clusterConfigurationYaml(cluster: ClusterConfiguration): string {
  const kubernetesVersion = cluster.ciKubernetesVersion ?? cluster.kubernetesVersion;
  return toYaml(clusterDocument({ ...cluster, kubernetesVersion }));
}

export function clusterDocument(cluster: ClusterConfiguration): Document {
  return {
    apiVersion,
    kind: 'ClusterConfiguration',
    apiServer: { ...component(cluster.apiServer), certSANs: filled(cluster.apiServer.certSANs) },
    caCertificateValidityPeriod: formatDuration(cluster.caCertificateValidityPeriod),
    certificateValidityPeriod: formatDuration(cluster.certificateValidityPeriod),
    certificatesDir: cluster.certificatesDir,
    clusterName: text(cluster.clusterName),
    controlPlaneEndpoint: text(cluster.controlPlaneEndpoint),
    controllerManager: component(cluster.controllerManager),
    dns: { ...image(cluster.dns), disabled: cluster.dns.disabled || undefined },
    encryptionAlgorithm: text(cluster.encryptionAlgorithm),
    etcd: etcdDocument(cluster.etcd),
    featureGates: Object.keys(cluster.featureGates).length === 0 ? undefined : cluster.featureGates,
    imageRepository: text(cluster.imageRepository),
    kubernetesVersion: text(cluster.kubernetesVersion),
    networking: {
      dnsDomain: text(cluster.networking.dnsDomain),
      podSubnet: text(cluster.networking.podSubnet),
      serviceSubnet: text(cluster.networking.serviceSubnet),
    },
    proxy: { disabled: cluster.proxy.disabled || undefined },
    scheduler: component(cluster.scheduler),
  };
}

export function initDocument(init: InitConfiguration): Document {
  return {
    apiVersion,
    kind: 'InitConfiguration',
    bootstrapTokens: filled(
      init.bootstrapTokens.map((token) => ({
        ...token,
        ttl: token.ttl === undefined ? undefined : formatDuration(token.ttl),
        usages: filled(token.usages),
        groups: filled(token.groups),
      })),
    ),
    certificateKey: text(init.certificateKey),
    dryRun: init.dryRun || undefined,
    localAPIEndpoint: { ...init.localAPIEndpoint },
    nodeRegistration: registration(init.nodeRegistration),
    patches: init.patches === undefined ? undefined : { directory: text(init.patches.directory) },
    skipPhases: filled(init.skipPhases),
    timeouts: timeoutsDocument(init.timeouts),
  };
}

export function joinDocument(join: JoinConfiguration): Document {
  const { bootstrapToken, file, tlsBootstrapToken } = join.discovery;
  return {
    apiVersion,
    kind: 'JoinConfiguration',
    caCertPath: join.caCertPath,
    controlPlane:
      join.controlPlane === undefined
        ? undefined
        : {
            certificateKey: text(join.controlPlane.certificateKey),
            localAPIEndpoint: { ...join.controlPlane.localAPIEndpoint },
          },
    discovery: {
      bootstrapToken:
        bootstrapToken === undefined
          ? undefined
          : {
              apiServerEndpoint: text(bootstrapToken.apiServerEndpoint),
              caCertHashes: filled(bootstrapToken.caCertHashes),
              token: bootstrapToken.token,
              unsafeSkipCAVerification: bootstrapToken.unsafeSkipCAVerification || undefined,
            },
      file,
      tlsBootstrapToken: text(tlsBootstrapToken),
    },
    dryRun: join.dryRun || undefined,
    nodeRegistration: registration(join.nodeRegistration),
    patches: join.patches === undefined ? undefined : { directory: text(join.patches.directory) },
    skipPhases: filled(join.skipPhases),
    timeouts: timeoutsDocument(join.timeouts),
  };
}

export function resetDocument(reset: ResetConfiguration): Document {
  return {
    apiVersion,
    kind: 'ResetConfiguration',
    certificatesDir: text(reset.certificatesDir),
    cleanupTmpDir: reset.cleanupTmpDir || undefined,
    criSocket: text(reset.criSocket),
    dryRun: reset.dryRun || undefined,
    force: reset.force || undefined,
    ignorePreflightErrors: filled(reset.ignorePreflightErrors),
    skipPhases: filled(reset.skipPhases),
    timeouts: timeoutsDocument(reset.timeouts),
    unmountFlags: filled(reset.unmountFlags),
  };
}

export function upgradeDocument({ timeouts, ...parts }: UpgradeConfiguration): Document {
  return { apiVersion, kind: 'UpgradeConfiguration', ...parts, timeouts: timeoutsDocument(timeouts) };
}

function timeoutsDocument(timeouts: Timeouts): Document {
  return Object.fromEntries(
    Object.entries(timeouts).map(([name, value]) => [name, formatDuration(Number(value))]),
  );
}

function etcdDocument({ local, external }: Etcd): Document {
  return {
    local:
      local === undefined
        ? undefined
        : {
            ...image(local),
            dataDir: local.dataDir,
            extraArgs: filled(local.extraArgs),
            extraEnvs: filled(local.extraEnvs),
            peerCertSANs: filled(local.peerCertSANs),
            serverCertSANs: filled(local.serverCertSANs),
          },
    external:
      external === undefined
        ? undefined
        : {
            caFile: external.caFile,
            certFile: external.certFile,
            endpoints: external.endpoints,
            httpEndpoints: filled(external.httpEndpoints),
            keyFile: external.keyFile,
          },
  };
}

function component({ extraArgs, extraVolumes, extraEnvs }: ControlPlaneComponent): Document {
  return {
    extraArgs: filled(extraArgs),
    extraEnvs: filled(extraEnvs),
    extraVolumes: filled(
      extraVolumes.map((volume) => ({
        ...volume,
        readOnly: volume.readOnly || undefined,
        pathType: text(volume.pathType ?? ''),
      })),
    ),
  };
}

function registration(node: NodeRegistration): Document {
  return {
    criSocket: text(node.criSocket),
    ignorePreflightErrors: filled(node.ignorePreflightErrors),
    imagePullPolicy: text(node.imagePullPolicy),
    imagePullSerial: node.imagePullSerial,
    kubeletExtraArgs: filled(node.kubeletExtraArgs),
    name: text(node.name),
    taints: node.taints ?? null,
  };
}

function image({ imageRepository, imageTag }: ImageMeta): Document {
  return { imageRepository: text(imageRepository), imageTag: text(imageTag) };
}

/** Returns undefined for an empty text, so that the document does not have the field. */
function text(value: string): string | undefined {
  return value === '' ? undefined : value;
}

function filled<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}
