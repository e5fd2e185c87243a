/** How the fields of a kubeconfig file are named and written; one table for reading and writing. */

export interface Field<Key extends string> {
  readonly key: Key;
  /** Name in the file. */
  readonly name: string;
  /** `data`: base64 in the file, text in memory. */
  readonly type: 'string' | 'boolean' | 'data';
  /** Written even when it is empty. */
  readonly always?: boolean;
}

export const clusterFields = [
  { key: 'server', name: 'server', type: 'string', always: true },
  { key: 'certificateAuthorityData', name: 'certificate-authority-data', type: 'data' },
  { key: 'certificateAuthority', name: 'certificate-authority', type: 'string' },
  { key: 'insecureSkipTlsVerify', name: 'insecure-skip-tls-verify', type: 'boolean' },
  { key: 'tlsServerName', name: 'tls-server-name', type: 'string' },
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
] as const satisfies readonly Field<string>[];
