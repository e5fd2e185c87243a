/** A kubeconfig file as data (client-go clientcmd/api/v1), as far as kubeadm reads and writes it. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly clusters: readonly KubeconfigCluster[];
  readonly contexts: readonly KubeconfigContext[];
  readonly users: readonly KubeconfigUser[];
  readonly extra?: ExtraFields;
}

/** Fields that kubeadm does not look at; they are kept when the file is written again. */
export type ExtraFields = Readonly<Record<string, unknown>>;

export interface KubeconfigCluster {
  readonly name: string;
  readonly server: string;
  /** PEM (decoded from certificate-authority-data). */
  readonly certificateAuthorityData?: string;
  /** Path of a PEM file. */
  readonly certificateAuthority?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly tlsServerName?: string;
  readonly extra?: ExtraFields;
}

export interface KubeconfigContext {
  readonly name: string;
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
  readonly extra?: ExtraFields;
}

export interface KubeconfigUser {
  readonly name: string;
  /** PEM. */
  readonly clientCertificateData?: string;
  /** PEM: a secret. */
  readonly clientKeyData?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** A secret. */
  readonly token?: string;
  readonly tokenFile?: string;
  readonly extra?: ExtraFields;
}
