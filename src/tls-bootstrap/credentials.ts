/**
 * The credentials for the TLS bootstrap of the kubelet, and those that it gets: with a token it asks the API server for its
 * client certificate, and then writes its kubeconfig. Source: cmd/phases/join/kubelet.go.
 */
import { KubeadmError, messageOf } from '../errors.ts';
import type { FileReads, FileWrites } from '../host.ts';
import { currentClusterOf } from '../kubeconfig/current.ts';
import { checkKeyMaterial } from '../kubeconfig/key-material.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { usableContext } from '../kubeconfig/usable.ts';
import { formatKubeconfig } from '../kubeconfig/write.ts';
import { bootstrapKubeletConf, kubeletConf, kubernetesDir } from '../names.ts';

export const bootstrapKubeconfigPath = `${kubernetesDir}/${bootstrapKubeletConf}`;
export const kubeletKubeconfigPath = `${kubernetesDir}/${kubeletConf}`;

/** Writes the kubeconfig with which the kubelet asks for its client certificate. @throws FileError */
export async function writeBootstrapKubeconfig(
  files: Pick<FileWrites, 'write'>,
  kubeconfig: Kubeconfig,
): Promise<void> {
  const options = { mode: 0o600, directoryMode: 0o755 };
  await files.write(bootstrapKubeconfigPath, formatKubeconfig(kubeconfig), options);
}

/**
 * Writes the certificate of the CA, unless the file exists.
 *
 * @param discovered the kubeconfig of the discovery
 * @param path caCertPath of the configuration
 * @throws FileError
 */
export async function ensureAuthorityFile(
  files: FileReads & FileWrites,
  discovered: Kubeconfig,
  path: string,
): Promise<void> {
  if ((await files.stat(path)) !== undefined) return;
  const authority = currentClusterOf(discovered).certificateAuthorityData ?? '';
  await files.write(path, authority, { mode: 0o644, directoryMode: 0o755 });
}

/** Whether a client can use the kubelet's kubeconfig, with its certificate and key. */
export async function hasClientCertificate(host: { readonly files: FileReads }): Promise<boolean> {
  return (await missingCertificate(host)) === undefined;
}

/** Returns the reason why the kubeconfig cannot be used; undefined if it can. */
export async function missingCertificate(host: { readonly files: FileReads }): Promise<string | undefined> {
  try {
    const kubeconfig = await loadKubeconfig(host, kubeletKubeconfigPath);
    const { cluster, user } = usableContext(kubeconfig);
    const { clientCertificateData: cert, clientKeyData: key } = user;
    if (cert === undefined || key === undefined) return `${kubeletKubeconfigPath} has no client certificate`;
    checkKeyMaterial({ ca: cluster.certificateAuthorityData, cert, key });
    return undefined;
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    return messageOf(error);
  }
}

/** The credentials of the kubelet for its TLS bootstrap; undefined if it does not need them any more. */
export async function bootstrapCredentials(host: {
  readonly files: FileReads;
}): Promise<Kubeconfig | undefined> {
  try {
    return await loadKubeconfig(host, bootstrapKubeconfigPath);
  } catch (error) {
    if (error instanceof KubeadmError) return undefined;
    throw error;
  }
}
