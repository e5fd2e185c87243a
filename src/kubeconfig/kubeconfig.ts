/** The fields of a kubeconfig file that kubeadm reads and writes. Source: client-go clientcmd/api/v1. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly clusters: readonly KubeconfigCluster[];
  readonly contexts: readonly KubeconfigContext[];
  readonly users: readonly KubeconfigUser[];
  readonly extra?: ExtraFields;
  /** Of the file that it was read from, for messages; it is not written. */
  readonly path?: string;
}

/** Fields that kubeadm does not read. They are kept when kubeadm writes the file again. */
export type ExtraFields = Readonly<Record<string, unknown>>;

export interface KubeconfigCluster {
  readonly name: string;
  readonly server: string;
  /** PEM, decoded from certificate-authority-data, with one character per byte. */
  readonly certificateAuthorityData?: string;
  /** The path of a PEM file. */
  readonly certificateAuthority?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly tlsServerName?: string;
  /** The URL of the proxy to the server. It overrides the proxy of the environment. */
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
  /** PEM, with one character per byte. */
  readonly clientCertificateData?: string;
  /** PEM, with one character per byte. It is a secret. */
  readonly clientKeyData?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** A secret. */
  readonly token?: string;
  /** The path of a file with a token. Its content overrides `token`. */
  readonly tokenFile?: string;
  readonly username?: string;
  /** A secret. */
  readonly password?: string;
  /** The name of the user to impersonate. */
  readonly as?: string;
  readonly asUid?: string;
  readonly asGroups?: readonly string[];
  readonly asUserExtra?: Readonly<Record<string, readonly string[]>>;
  readonly extra?: ExtraFields;
}
