/**
 * The default values of the configuration and the command line.
 * Source: apis/kubeadm/v1beta4/defaults.go, apis/bootstraptoken/v1/defaults.go.
 */
import type { KeyAlgorithm } from '../host.ts';
import { defaultCertificatesDir, defaultNodeTokenGroup, ports } from '../names.ts';
import { kubeadmVersion } from '../versions.ts';
import type { ImagePullPolicy, Timeouts } from './hub.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Milliseconds. */
export const defaultTimeouts: Timeouts = {
  controlPlaneComponentHealthCheck: 4 * minute,
  kubeletHealthCheck: 4 * minute,
  kubernetesAPICall: minute,
  etcdAPICall: 2 * minute,
  tlsBootstrap: 5 * minute,
  discovery: 5 * minute,
  upgradeManifests: 5 * minute,
};

/** Milliseconds. */
export const defaultTokenTtl = 24 * hour;
export const defaultTokenUsages: readonly string[] = ['signing', 'authentication'];
export const defaultTokenGroups: readonly string[] = [defaultNodeTokenGroup];

export const defaultBindPort = ports.apiServer;
export const defaultServiceSubnet = '10.96.0.0/12';
export const defaultDnsDomain = 'cluster.local';
/** The label of the newest stable release of Kubernetes 1. */
export const defaultKubernetesVersion = 'stable-1';
/** The forms of a version that users write. Messages name them. */
export const versionForms = `a release such as ${kubeadmVersion}, or a label such as ${defaultKubernetesVersion}`;
export const defaultImageRepository = 'registry.k8s.io';
export const defaultImagePullPolicy: ImagePullPolicy = 'IfNotPresent';
export const defaultClusterName = 'kubernetes';
export const defaultEncryptionAlgorithm: KeyAlgorithm = 'RSA-2048';
export const defaultCertificateValidity = 8760 * hour;
export const defaultCaCertificateValidity = 87_600 * hour;
export const defaultCaCertPath = `${defaultCertificatesDir}/ca.crt`;
