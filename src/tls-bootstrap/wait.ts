import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { RetryTimeout, retry, shortInterval } from '../lib/retry.ts';
import { bootstrapCredentials, missingCertificate } from './credentials.ts';
import type { BootstrapObstacle } from './obstacles.ts';
import { type BootstrapWatch, bootstrapError, bootstrapFailed, watchBootstrap } from './watch.ts';

/**
 * Waits until the kubelet has its client certificate. Meanwhile it looks at the certificate signing request of the kubelet,
 * and ends early if that cannot succeed.
 *
 * @param options.nodeName the name of the Node
 * @param options.timeoutMs timeouts.tlsBootstrap
 * @param options.looksWith the kubeconfig of the looks; defaults to that of the kubelet
 * @param options.limitStart the start of the time limit; defaults to now. The looks begin with it, too.
 * @throws KubeadmError `timeout`, `refused`; the signal's reason
 */
export async function waitForClientCertificate(
  host: Pick<Host, 'files' | 'clock' | 'kube'>,
  options: {
    readonly emit: Emit;
    readonly signal: AbortSignal;
    readonly nodeName: string;
    readonly timeoutMs: number;
    readonly looksWith?: Kubeconfig | undefined;
    readonly limitStart?: Promise<unknown>;
  },
): Promise<void> {
  const { clock } = host;
  const { emit, limitStart, looksWith, nodeName, signal, timeoutMs } = options;
  const what = 'the kubelet to perform the TLS Bootstrap';
  const topic = 'kubelet-start';
  emit({ type: 'waiting', topic, for: what, timeoutMs });
  const start = clock.monotonic();
  const own = await bootstrapCredentials(host);
  // A kubelet that does not need its credentials any more is not looked at.
  const credentials = own && (looksWith ?? own);
  let watch: BootstrapWatch | undefined;
  const beginLooks = (): void => {
    if (credentials !== undefined) watch = watchBootstrap(host, { credentials, nodeName, emit, signal });
  };
  if (limitStart === undefined) beginLooks();
  limitStart?.then(beginLooks, () => undefined);
  const attempt = async (): Promise<void> => {
    const missing = await missingCertificate(host);
    if (missing === undefined) return;
    watch?.look();
    throw watch?.verdict() ?? new KubeadmError('timeout', missing);
  };
  const giveUp = (error: unknown): boolean => error instanceof KubeadmError && error.code === 'refused';
  try {
    await retry(attempt, {
      clock,
      what,
      timeoutMs,
      limitStart,
      signal,
      giveUp,
      intervalMs: shortInterval,
    });
  } catch (error) {
    throw error instanceof RetryTimeout ? timeoutError(error, watch?.obstacle()) : error;
  } finally {
    watch?.close();
  }
  emit({ type: 'waited', topic, for: what, milliseconds: clock.monotonic() - start });
}

function timeoutError(error: RetryTimeout, obstacle: BootstrapObstacle | undefined): KubeadmError {
  const limit = 'The limit is timeouts.tlsBootstrap of the configuration.';
  if (obstacle !== undefined) return bootstrapError('timeout', obstacle, { cause: error, limit });
  return new KubeadmError('timeout', `${bootstrapFailed}: ${messageOf(error.cause)}`, {
    cause: error,
    hint:
      "'journalctl -u kubelet' shows why the kubelet got no client certificate. 'kubectl get csr' on a control plane " +
      `shows its request. ${limit}`,
  });
}
