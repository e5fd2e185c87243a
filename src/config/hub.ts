/**
 * The configuration that every command uses. It has the shape of kubeadm.k8s.io/v1beta4, with all defaults. Older versions
 * are converted to it, and v1beta4 is written from it. Durations are in milliseconds.
 */
import type { KeyAlgorithm } from '../host.ts';
import type { FeatureGate } from '../releases/feature-gates.ts';
import { releaseOf } from '../releases/index.ts';
import type { Release } from '../releases/release.ts';

export interface Arg {
  readonly name: string;
  readonly value: string;
}

/** A core/v1 EnvVar. `valueFrom` is data that kubeadm does not read. */
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
  /** A text such as `abcdef.0123456789abcdef`. It is a secret. */
  readonly token: string;
  readonly description?: string;
  /** Milliseconds. 0 means that the token never expires. */
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

/** The InitConfiguration. kubeadm never stores it in the cluster. */
export interface InitConfiguration {
  readonly bootstrapTokens: readonly BootstrapToken[];
  readonly dryRun: boolean;
  readonly nodeRegistration: NodeRegistration;
  readonly localAPIEndpoint: APIEndpoint;
  /** A secret. It is empty if none is configured. */
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
  /** Milliseconds. Only v1beta3 has this field. */
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

/** The ClusterConfiguration. kubeadm stores it in ConfigMap kube-system/kubeadm-config. */
export interface ClusterConfiguration {
  readonly etcd: Etcd;
  readonly networking: Networking;
  /** The resolved version, with a leading v. */
  readonly kubernetesVersion: string;
  /** `ci/<resolved version>` if the user configured a CI version. The cluster stores this text as the version. */
  readonly ciKubernetesVersion?: string;
  /** The repository of the Kubernetes images. It is set if the version is a CI version. */
  readonly ciImageRepository?: string;
  readonly controlPlaneEndpoint: string;
  readonly apiServer: APIServer;
  readonly controllerManager: ControlPlaneComponent;
  readonly scheduler: ControlPlaneComponent;
  readonly dns: ImageMeta & { readonly disabled: boolean };
  readonly proxy: { readonly disabled: boolean };
  readonly certificatesDir: string;
  readonly imageRepository: string;
  /** Only the feature gates that the user configured. */
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
  /** The node is a worker if this is undefined. */
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

/** KubeletConfiguration or KubeProxyConfiguration as JSON data in upstream's form, with zero fields. */
export interface ComponentConfig {
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether the user's file has a document of this kind. Its ConfigMap then gets no hash annotation. */
  readonly userSupplied: boolean;
}

/** The configuration of `init` and the other commands that read an InitConfiguration. */
export interface InitFamilyConfig {
  readonly init: InitConfiguration;
  readonly cluster: ClusterConfiguration;
  /** The release of `cluster.kubernetesVersion`. */
  readonly release: Release;
  readonly kubelet: ComponentConfig;
  readonly kubeProxy: ComponentConfig;
}

/** Returns the key algorithm. If the gate PublicKeysECDSA is configured, it overrides encryptionAlgorithm. */
export function keyAlgorithm(cluster: ClusterConfiguration): KeyAlgorithm {
  const gate = cluster.featureGates.PublicKeysECDSA;
  if (gate === undefined) return cluster.encryptionAlgorithm;
  return gate ? 'ECDSA-P256' : 'RSA-2048';
}

/** Whether a gate is on. Its value defaults to the default of the release. */
export function featureEnabled(cluster: ClusterConfiguration, gate: FeatureGate): boolean {
  return cluster.featureGates[gate] ?? releaseOf(cluster.kubernetesVersion).featureGates[gate].default;
}
