/**
 * The certificates of a control-plane node. The phases, their help and the reference are made from this table. Source: app/phases/certs, GetDefaultCertList.
 */
import {
  apiServerNames,
  etcdPeerNames,
  etcdServerNames,
  type NodeConfig,
  type SubjectAltNames,
} from './sans.ts';
import type { Usage } from './x509.ts';

export type AuthorityName = 'ca' | 'front-proxy-ca' | 'etcd-ca';

/** A certificate authority of the cluster. */
export interface AuthoritySpec {
  readonly kind: 'authority';
  /** The name of the phase, and of the certificate in `certs renew`. */
  readonly name: AuthorityName;
  /** The purpose, as the object of a sentence. */
  readonly longName: string;
  /** The path below the certificates directory, without `.crt` and `.key`. */
  readonly baseName: string;
  /** The common name, which is also the only alternative name. */
  readonly commonName: string;
}

/** A certificate signed by one of the authorities. */
export interface LeafSpec {
  readonly kind: 'leaf';
  readonly name: string;
  readonly longName: string;
  readonly baseName: string;
  readonly authority: AuthorityName;
  readonly commonName: (config: NodeConfig) => string;
  readonly usages: readonly Usage[];
  readonly names?: (config: NodeConfig) => SubjectAltNames;
}

export type CertificateSpec = AuthoritySpec | LeafSpec;

const ca: AuthoritySpec = {
  kind: 'authority',
  name: 'ca',
  longName:
    'self-signed certificate authority of Kubernetes, which vouches for the components of the cluster',
  baseName: 'ca',
  commonName: 'kubernetes',
};

const frontProxyCA: AuthoritySpec = {
  kind: 'authority',
  name: 'front-proxy-ca',
  longName: 'self-signed certificate authority that vouches for the front proxy',
  baseName: 'front-proxy-ca',
  commonName: 'front-proxy-ca',
};

const etcdCA: AuthoritySpec = {
  kind: 'authority',
  name: 'etcd-ca',
  longName: 'self-signed certificate authority that vouches for etcd and its clients',
  baseName: 'etcd/ca',
  commonName: 'etcd-ca',
};

/** The certificates in the order in which they are made. Each authority comes before the leaves that it signs. */
export const certificates: readonly CertificateSpec[] = [
  ca,
  {
    kind: 'leaf',
    name: 'apiserver',
    longName: 'certificate for serving the Kubernetes API',
    baseName: 'apiserver',
    authority: 'ca',
    commonName: () => 'kube-apiserver',
    usages: ['server'],
    names: apiServerNames,
  },
  {
    kind: 'leaf',
    name: 'apiserver-kubelet-client',
    longName: 'client certificate with which the API server connects to kubelets',
    baseName: 'apiserver-kubelet-client',
    authority: 'ca',
    commonName: () => 'kube-apiserver-kubelet-client',
    usages: ['client'],
  },
  frontProxyCA,
  {
    kind: 'leaf',
    name: 'front-proxy-client',
    longName: 'client certificate of the front proxy',
    baseName: 'front-proxy-client',
    authority: 'front-proxy-ca',
    commonName: () => 'front-proxy-client',
    usages: ['client'],
  },
  etcdCA,
  {
    kind: 'leaf',
    name: 'etcd-server',
    longName: 'certificate for serving etcd',
    baseName: 'etcd/server',
    authority: 'etcd-ca',
    commonName: ({ init }) => init.nodeRegistration.name,
    usages: ['server', 'client'],
    names: etcdServerNames,
  },
  {
    kind: 'leaf',
    name: 'etcd-peer',
    longName: 'certificate with which etcd members talk to each other',
    baseName: 'etcd/peer',
    authority: 'etcd-ca',
    commonName: ({ init }) => init.nodeRegistration.name,
    usages: ['server', 'client'],
    names: etcdPeerNames,
  },
  {
    kind: 'leaf',
    name: 'etcd-healthcheck-client',
    longName: 'client certificate with which liveness probes check etcd',
    baseName: 'etcd/healthcheck-client',
    authority: 'etcd-ca',
    commonName: () => 'kube-etcd-healthcheck-client',
    usages: ['client'],
  },
  {
    kind: 'leaf',
    name: 'apiserver-etcd-client',
    longName: 'client certificate with which the API server connects to etcd',
    baseName: 'apiserver-etcd-client',
    authority: 'etcd-ca',
    commonName: () => 'kube-apiserver-etcd-client',
    usages: ['client'],
  },
];

/** The base name of the key pair that signs service account tokens (`sa.key` and `sa.pub`). */
export const serviceAccountBaseName = 'sa';

const authorities = { ca, 'front-proxy-ca': frontProxyCA, 'etcd-ca': etcdCA } as const;

export function authoritySpec(name: AuthorityName): AuthoritySpec {
  return authorities[name];
}

/** The leaves that this authority signs. */
export function leavesOf(authority: AuthorityName): LeafSpec[] {
  return leaves().filter((spec) => spec.authority === authority);
}

export function leaves(): LeafSpec[] {
  return certificates.filter((spec) => spec.kind === 'leaf');
}

/** Whether the certificate is for a local etcd. It is not needed if etcd is external. */
export function isForEtcd(spec: CertificateSpec): boolean {
  return spec.name === 'etcd-ca' || (spec.kind === 'leaf' && spec.authority === 'etcd-ca');
}
