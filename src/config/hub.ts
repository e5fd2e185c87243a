/**
 * The configuration that every command works on: the shape of kubeadm.k8s.io/v1beta4 with all defaults
 * filled in. Older versions are converted to it, v1beta4 is written from it. Durations are milliseconds.
 */
import type { KeyAlgorithm } from '../host.ts';
import type { FeatureGate } from '../releases/feature-gates.ts';
import { releaseOf } from '../releases/index.ts';
import type { Release } from '../releases/release.ts';

export interface Arg {
  readonly name: string;
  readonly value: string;
}

/** A core/v1 EnvVar; `valueFrom` is passed through as data. */
export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: Readonly<Record<string, unknown>>;
}

export interface HostPathMount {
  readonly name: string;
  readonly hostPath: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly pathType?: string;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  /** RFC 3339, UTC. */
  readonly timeAdded?: string;
}

export interface BootstrapToken {
  /** `abcdef.0123456789abcdef`: a secret. */
  readonly token: string;
  readonly description?: string;
  /** Milliseconds; 0: never expires. */
  readonly ttl?: number;
  /** RFC 3339. */
  readonly expires?: string;
  readonly usages: readonly string[];
  readonly groups: readonly string[];
}

export type ImagePullPolicy = 'Always' | 'IfNotPresent' | 'Never' | '';

export interface NodeRegistration {
  readonly name: string;
  readonly criSocket: string;
  readonly taints: readonly Taint[] | undefined;
  readonly kubeletExtraArgs: readonly Arg[];
  readonly ignorePreflightErrors: readonly string[];
  readonly imagePullPolicy: ImagePullPolicy;
  readonly imagePullSerial: boolean;
}

export interface APIEndpoint {
  readonly advertiseAddress: string;
  readonly bindPort: number;
}

/** All in milliseconds. */
export interface Timeouts {
  readonly controlPlaneComponentHealthCheck: number;
  readonly kubeletHealthCheck: number;
  readonly kubernetesAPICall: number;
  readonly etcdAPICall: number;
  readonly tlsBootstrap: number;
  readonly discovery: number;
  readonly upgradeManifests: number;
}

export interface Patches {
  readonly directory: string;
}

/** Never stored in the cluster. */
export interface InitConfiguration {
  readonly bootstrapTokens: readonly BootstrapToken[];
  readonly dryRun: boolean;
  readonly nodeRegistration: NodeRegistration;
  readonly localAPIEndpoint: APIEndpoint;
  /** A secret; empty when none is given. */
  readonly certificateKey: string;
  readonly skipPhases: readonly string[];
  readonly patches: Patches | undefined;
  readonly timeouts: Timeouts;
}

export interface ControlPlaneComponent {
  readonly extraArgs: readonly Arg[];
  readonly extraVolumes: readonly HostPathMount[];
  readonly extraEnvs: readonly EnvVar[];
}

export interface APIServer extends ControlPlaneComponent {
  readonly certSANs: readonly string[];
  /** Only v1beta3 has it; milliseconds. */
  readonly timeoutForControlPlane?: number;
}

export interface ImageMeta {
  readonly imageRepository: string;
  readonly imageTag: string;
}

export interface LocalEtcd extends ImageMeta {
  readonly dataDir: string;
  readonly extraArgs: readonly Arg[];
  readonly extraEnvs: readonly EnvVar[];
  readonly serverCertSANs: readonly string[];
  readonly peerCertSANs: readonly string[];
}

export interface ExternalEtcd {
  readonly endpoints: readonly string[];
  readonly httpEndpoints: readonly string[];
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Etcd {
  readonly local?: LocalEtcd;
  readonly external?: ExternalEtcd;
}

export interface Networking {
  readonly serviceSubnet: string;
  readonly podSubnet: string;
  readonly dnsDomain: string;
}

/** Stored in the cluster, in ConfigMap kube-system/kubeadm-config. */
export interface ClusterConfiguration {
  readonly etcd: Etcd;
  readonly networking: Networking;
  /** With a leading v, resolved. */
  readonly kubernetesVersion: string;
  /** `ci/<resolved>` when a CI version was asked for: this text is stored in the cluster. */
  readonly ciKubernetesVersion?: string;
  /** Set beside a CI version: the Kubernetes images come from there. */
  readonly ciImageRepository?: string;
  readonly controlPlaneEndpoint: string;
  readonly apiServer: APIServer;
  readonly controllerManager: ControlPlaneComponent;
  readonly scheduler: ControlPlaneComponent;
  readonly dns: ImageMeta & { readonly disabled: boolean };
  readonly proxy: { readonly disabled: boolean };
  readonly certificatesDir: string;
  readonly imageRepository: string;
  /** Only the gates that the user wrote down. */
  readonly featureGates: Readonly<Partial<Record<FeatureGate, boolean>>>;
  readonly clusterName: string;
  readonly encryptionAlgorithm: KeyAlgorithm;
  readonly certificateValidityPeriod: number;
  readonly caCertificateValidityPeriod: number;
}

export interface BootstrapTokenDiscovery {
  /** A secret. */
  readonly token: string;
  readonly apiServerEndpoint: string;
  readonly caCertHashes: readonly string[];
  readonly unsafeSkipCAVerification: boolean;
}

export interface Discovery {
  readonly bootstrapToken?: BootstrapTokenDiscovery;
  readonly file?: { readonly kubeConfigPath: string };
  /** A secret. */
  readonly tlsBootstrapToken: string;
}

export interface JoinConfiguration {
  readonly dryRun: boolean;
  readonly nodeRegistration: NodeRegistration;
  readonly caCertPath: string;
  readonly discovery: Discovery;
  /** Default: the node is a worker. */
  readonly controlPlane?: { readonly localAPIEndpoint: APIEndpoint; readonly certificateKey: string };
  readonly skipPhases: readonly string[];
  readonly patches: Patches | undefined;
  readonly timeouts: Timeouts;
}

export interface ResetConfiguration {
  readonly cleanupTmpDir: boolean;
  readonly certificatesDir: string;
  readonly criSocket: string;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly ignorePreflightErrors: readonly string[];
  readonly skipPhases: readonly string[];
  readonly unmountFlags: readonly string[];
  readonly timeouts: Timeouts;
}

/** KubeletConfiguration or KubeProxyConfiguration: JSON data in upstream's full form (zero fields included). */
export interface ComponentConfig {
  readonly data: Readonly<Record<string, unknown>>;
  /** From a document of the user's: its ConfigMap then gets no hash annotation. */
  readonly userSupplied: boolean;
}

/** What `init` and the commands of its family work on. */
export interface InitFamilyConfig {
  readonly init: InitConfiguration;
  readonly cluster: ClusterConfiguration;
  /** What is deployed: the row of `cluster.kubernetesVersion`. */
  readonly release: Release;
  readonly kubelet: ComponentConfig;
  readonly kubeProxy: ComponentConfig;
}

/** The key algorithm in force: the gate PublicKeysECDSA wins when it is written down (config-api, feature gates). */
export function keyAlgorithm(cluster: ClusterConfiguration): KeyAlgorithm {
  const gate = cluster.featureGates.PublicKeysECDSA;
  if (gate === undefined) return cluster.encryptionAlgorithm;
  return gate ? 'ECDSA-P256' : 'RSA-2048';
}

/** Whether a gate is on, by its value or its default in the release. */
export function featureEnabled(cluster: ClusterConfiguration, gate: FeatureGate): boolean {
  return cluster.featureGates[gate] ?? releaseOf(cluster.kubernetesVersion).featureGates[gate].default;
}
