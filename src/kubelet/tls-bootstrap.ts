/**
 * The TLS bootstrap of the kubelet: with a token it asks the API server for its client certificate, and then writes its
 * kubeconfig. Source: cmd/phases/join/kubelet.go.
 */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileReads, FileWrites, Host } from '../host.ts';
import { currentClusterOf } from '../kubeconfig/current.ts';
import { checkKeyMaterial } from '../kubeconfig/key-material.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { usableContext } from '../kubeconfig/usable.ts';
import { formatKubeconfig } from '../kubeconfig/write.ts';
import { RetryTimeout, retry } from '../lib/retry.ts';
import { bootstrapKubeletConf, kubeletConf, kubernetesDir } from '../names.ts';

export const bootstrapKubeconfigPath = `${kubernetesDir}/${bootstrapKubeletConf}`;
export const kubeletKubeconfigPath = `${kubernetesDir}/${kubeletConf}`;

/** The pause between two looks at the kubelet's kubeconfig, which is a file of this machine. */
const lookIntervalMs = 50;

interface Context {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

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
async function missingCertificate(host: { readonly files: FileReads }): Promise<string | undefined> {
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

/**
 * Waits until the kubelet has its client certificate.
 *
 * @param options.timeoutMs timeouts.tlsBootstrap
 * @param options.limitStart the start of the time limit; defaults to now
 * @throws KubeadmError `timeout`; the signal's reason
 */
export async function waitForClientCertificate(
  host: Pick<Host, 'files' | 'clock'>,
  options: Context & { readonly timeoutMs: number; readonly limitStart?: Promise<unknown> },
): Promise<void> {
  const { clock } = host;
  const { emit, limitStart, signal, timeoutMs } = options;
  const what = 'the kubelet to perform the TLS Bootstrap';
  const topic = 'kubelet-start';
  emit({ type: 'waiting', topic, for: what, timeoutMs });
  const start = clock.monotonic();
  const attempt = async (): Promise<void> => {
    const missing = await missingCertificate(host);
    if (missing !== undefined) throw new KubeadmError('timeout', missing);
  };
  try {
    await retry(attempt, { clock, what, timeoutMs, limitStart, signal, intervalMs: () => lookIntervalMs });
  } catch (error) {
    if (!(error instanceof RetryTimeout)) throw error;
    throw new KubeadmError('timeout', `failed while waiting for TLS bootstrap: ${messageOf(error.cause)}`, {
      cause: error,
      hint:
        "'journalctl -u kubelet' shows why the kubelet got no client certificate. 'kubectl get csr' on a control plane " +
        'shows its request. The limit is timeouts.tlsBootstrap of the configuration.',
    });
  }
  emit({ type: 'waited', topic, for: what, milliseconds: clock.monotonic() - start });
}
