/** The table of the fields of a kubeconfig file, for reading and writing. */

export interface Field<Key extends string> {
  readonly key: Key;
  /** The name in the file. */
  readonly name: string;
  /** `data` is base64 in the file, and a text with one character per byte in memory. */
  readonly type: 'string' | 'boolean' | 'data' | 'strings' | 'stringLists';
  /** Whether the field is written even if it is empty. */
  readonly always?: boolean;
}

export const clusterFields = [
  { key: 'server', name: 'server', type: 'string', always: true },
  { key: 'certificateAuthorityData', name: 'certificate-authority-data', type: 'data' },
  { key: 'certificateAuthority', name: 'certificate-authority', type: 'string' },
  { key: 'insecureSkipTlsVerify', name: 'insecure-skip-tls-verify', type: 'boolean' },
  { key: 'tlsServerName', name: 'tls-server-name', type: 'string' },
  { key: 'proxyUrl', name: 'proxy-url', type: 'string' },
] as const satisfies readonly Field<string>[];

export const contextFields = [
  { key: 'cluster', name: 'cluster', type: 'string', always: true },
  { key: 'user', name: 'user', type: 'string', always: true },
  { key: 'namespace', name: 'namespace', type: 'string' },
] as const satisfies readonly Field<string>[];

export const userFields = [
  { key: 'clientCertificateData', name: 'client-certificate-data', type: 'data' },
  { key: 'clientKeyData', name: 'client-key-data', type: 'data' },
  { key: 'clientCertificate', name: 'client-certificate', type: 'string' },
  { key: 'clientKey', name: 'client-key', type: 'string' },
  { key: 'token', name: 'token', type: 'string' },
  { key: 'tokenFile', name: 'tokenFile', type: 'string' },
  { key: 'username', name: 'username', type: 'string' },
  { key: 'password', name: 'password', type: 'string' },
  { key: 'as', name: 'as', type: 'string' },
  { key: 'asUid', name: 'as-uid', type: 'string' },
  { key: 'asGroups', name: 'as-groups', type: 'strings' },
  { key: 'asUserExtra', name: 'as-user-extra', type: 'stringLists' },
] as const satisfies readonly Field<string>[];
