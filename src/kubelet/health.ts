/** Waits for a healthy kubelet, and for a URL that answers. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host, HttpResponse } from '../host.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { adaptiveInterval, RetryTimeout, retry } from '../lib/retry.ts';
import { ports } from '../names.ts';
import { showManifests, showUntilTaken } from './show-manifests.ts';
import { writtenConfiguration } from './written-configuration.ts';

/** Limits one request, so that a server that hangs does not use up the whole wait. */
const requestTimeoutMs = 5_000;

export interface HealthWait {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** http://<healthzBindAddress>:<healthzPort>/healthz; undefined if the port is 0, because the endpoint is then off. */
export function kubeletHealthUrl(kubelet: Readonly<Record<string, unknown>>): string | undefined {
  const address = kubelet.healthzBindAddress;
  const port = kubelet.healthzPort;
  if (port === 0) return undefined;
  const host = typeof address === 'string' && address !== '' ? address : '127.0.0.1';
  return `http://${joinHostPort(host, typeof port === 'number' ? port : ports.kubeletHealthz)}/healthz`;
}

/**
 * Waits until a GET answers 200.
 *
 * @returns the milliseconds that it took
 * @throws RetryTimeout; the signal's reason
 */
export async function waitForUrl(
  host: Pick<Host, 'net' | 'clock'>,
  url: string,
  wait: HealthWait,
): Promise<number> {
  const ask = (): Promise<HttpResponse> =>
    host.net.get(url, { timeoutMs: requestTimeoutMs, ca: false, signal: wait.signal });
  return await waitForOk(host, { url, ask, wait });
}

export interface HealthQuestion {
  readonly url: string;
  readonly ask: () => Promise<{ readonly status: number }>;
  readonly wait: HealthWait;
}

/** Repeats the request until the status is 200; see {@link waitForUrl}. */
export async function waitForOk(
  host: Pick<Host, 'clock'>,
  { ask, url, wait }: HealthQuestion,
): Promise<number> {
  const start = host.clock.monotonic();
  const attempt = async (): Promise<void> => {
    const { status } = await ask();
    if (status !== 200) throw new KubeadmError('net', `status ${status}`);
  };
  await retry(attempt, { clock: host.clock, what: url, intervalMs: adaptiveInterval, ...wait });
  return host.clock.monotonic() - start;
}

/** The error of the last try of a wait, in words. */
export function lastAnswer(error: unknown): string {
  return messageOf(error instanceof RetryTimeout ? error.cause : error);
}

export interface KubeletWait {
  /** KubeletConfiguration; what stands in the file that the kubelet reads goes before it, as patches may have changed it. */
  readonly kubelet: Readonly<Record<string, unknown>>;
  /** timeouts.kubeletHealthCheck, milliseconds. */
  readonly timeoutMs: number;
  readonly criSocket: string;
  /** Static Pods whose manifests the kubelet must find. */
  readonly components: readonly string[];
}

/**
 * Waits until the kubelet is healthy, and then makes sure that it finds the manifests.
 *
 * @throws KubeadmError `timeout`; the signal's reason
 */
export async function waitForKubelet(
  host: Pick<Host, 'net' | 'clock' | 'files' | 'cri'>,
  { components, criSocket, kubelet, timeoutMs }: KubeletWait,
  context: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<void> {
  const { emit, signal } = context;
  const url = kubeletHealthUrl((await writtenConfiguration(host)) ?? kubelet);
  if (url === undefined) {
    const message = 'Skipping the kubelet health check because its healthz port is 0';
    emit({ type: 'progress', topic: 'kubelet-check', message });
    return await showUntilTaken(host, { criSocket, components, context });
  }
  const what = `a healthy kubelet at ${url}`;
  emit({ type: 'waiting', topic: 'kubelet-check', for: what, timeoutMs });
  try {
    const milliseconds = await waitForUrl(host, url, { timeoutMs, signal });
    emit({ type: 'waited', topic: 'kubelet-check', for: what, milliseconds });
  } catch (error) {
    signal.throwIfAborted();
    throw new KubeadmError('timeout', `the kubelet is not healthy at ${url}: ${lastAnswer(error)}`, {
      cause: error,
    });
  }
  signal.throwIfAborted();
  await showManifests(host, components);
}
