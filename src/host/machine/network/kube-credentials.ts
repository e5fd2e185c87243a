/** Key material and tokens of a kubeconfig, from its data or the files that it names. */
import { readFileSync } from 'node:fs';

import { FileError } from '../../../errors.ts';
import { checkKeyMaterial } from '../../../kubeconfig/key-material.ts';
import type { KubeconfigCluster, KubeconfigUser } from '../../../kubeconfig/kubeconfig.ts';
import type { ServerAddress } from '../../../kubeconfig/server-address.ts';
import { codeOf } from '../error-code.ts';
import type { TlsOptions } from './connection.ts';

/**
 * Without TLS no credentials are sent, as in client-go, because they would cross the network in plain text.
 *
 * @throws KubeadmError `kubeconfig-invalid`; FileError
 */
export function tlsOf(server: ServerAddress, cluster: KubeconfigCluster, user: KubeconfigUser): TlsOptions {
  if (server.scheme === 'http') return {};
  const ca = dataOrFile(cluster.certificateAuthorityData, cluster.certificateAuthority);
  const cert = dataOrFile(user.clientCertificateData, user.clientCertificate);
  const key = cert === undefined ? undefined : dataOrFile(user.clientKeyData, user.clientKey);
  checkKeyMaterial({ ca, cert, key });
  return {
    ...(cluster.insecureSkipTlsVerify === true ? { ca: false } : ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(cluster.tlsServerName === undefined ? {} : { serverName: cluster.tlsServerName }),
  };
}

function dataOrFile(data: string | undefined, path: string | undefined): string | undefined {
  return data === undefined || data === '' ? file(path) : data;
}

/** Reads the file for each request. The token is used if the file cannot be read. */
export function tokenOf({ token, tokenFile }: KubeconfigUser): string | undefined {
  try {
    return file(tokenFile)?.trim() ?? token;
  } catch (error) {
    if (token === undefined) throw error;
    return token;
  }
}

/** @throws FileError */
function file(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path, 'latin1');
  } catch (error) {
    throw new FileError('read', String(path), codeOf(error) ?? 'EIO', { cause: error });
  }
}
