/** A kubeconfig file as data (client-go clientcmd/api/v1), as far as kubeadm reads and writes it. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly clusters: readonly KubeconfigCluster[];
  readonly contexts: readonly KubeconfigContext[];
  readonly users: readonly KubeconfigUser[];
  readonly extra?: ExtraFields;
  /** Of the file that it was read from, for messages; it is not written. */
  readonly path?: string;
}

/** Fields that kubeadm does not look at; they are kept when the file is written again. */
export type ExtraFields = Readonly<Record<string, unknown>>;

export interface KubeconfigCluster {
  readonly name: string;
  readonly server: string;
  /** PEM (decoded from certificate-authority-data); one character per byte. */
  readonly certificateAuthorityData?: string;
  /** Path of a PEM file. */
  readonly certificateAuthority?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly tlsServerName?: string;
  /** URL of the proxy to the server; it comes before the proxy of the environment. */
  readonly proxyUrl?: string;
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
  /** PEM; one character per byte. */
  readonly clientCertificateData?: string;
  /** PEM: a secret; one character per byte. */
  readonly clientKeyData?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** A secret. */
  readonly token?: string;
  /** Its content comes before `token`. */
  readonly tokenFile?: string;
  readonly username?: string;
  /** A secret. */
  readonly password?: string;
  /** The user that requests are made as. */
  readonly as?: string;
  readonly asUid?: string;
  readonly asGroups?: readonly string[];
  readonly asUserExtra?: Readonly<Record<string, readonly string[]>>;
  readonly extra?: ExtraFields;
}
