/** Ends an API server that was replaced before the grace period of its Pod is over. */
import { KubeadmError, NetError } from '../errors.ts';
import type { Host } from '../host.ts';
import { retry } from '../lib/retry.ts';

/** The time that an API server has for the requests in flight, after it has closed its port. */
const graceMs = 7_000;
/** The kubelet begins to end a Pod within seconds. */
const closingTimeoutMs = 60_000;

export interface EndingApiServer {
  readonly criSocket: string;
  readonly nodeName: string;
  /** A URL of the API server. */
  readonly url: string;
}

type EndHost = Pick<Host, 'clock' | 'cri' | 'net'>;

/**
 * Ends the containers of the API server that belong to another Pod than the wanted one.
 *
 * The kubelet sends SIGTERM, and SIGKILL after 30 s. An API server then takes no more requests, completes those in flight,
 * and waits for its open watches, which do not end by themselves. So it always takes the 30 s. With this function it ends
 * `graceMs` after it has closed its port, together with a request that takes longer. A kubelet that has ended the earlier Pod only looks every 10 s to 15 s whether
 * the new one can start, so a shorter time would not help.
 *
 * @throws RetryTimeout if the port stays open; CriError; the signal's reason
 */
export async function endOtherApiServers(
  host: EndHost,
  { criSocket, nodeName, url }: EndingApiServer,
  { isWanted, signal }: { readonly isWanted: (uid: string) => boolean; readonly signal: AbortSignal },
): Promise<void> {
  await waitUntilClosed(host, url, signal);
  await host.clock.sleep(graceMs, signal);
  signal.throwIfAborted();
  const cri = host.cri(criSocket);
  try {
    const [sandboxes, containers] = await Promise.all([cri.podSandboxes(), cri.containers()]);
    const others = sandboxes
      .filter(({ name, namespace }) => namespace === 'kube-system' && name === `kube-apiserver-${nodeName}`)
      .filter(({ uid }) => !isWanted(uid));
    const running = containers.filter(
      ({ podSandboxId, state }) => state === 'running' && others.some(({ id }) => id === podSandboxId),
    );
    for (const { id } of running) await cri.stopContainer(id, { signal });
  } finally {
    cri.close();
  }
}

/** The port closes when the kubelet has sent SIGTERM, or later if the API server has a shutdown-delay-duration. */
async function waitUntilClosed({ clock, net }: EndHost, url: string, signal: AbortSignal): Promise<void> {
  const what = `the end of the API server at ${url}`;
  const attempt = async (): Promise<void> => {
    try {
      await net.get(url, { timeoutMs: 1_000, ca: false });
    } catch (error) {
      if (error instanceof NetError && error.reason === 'ECONNREFUSED') return;
    }
    throw new KubeadmError('timeout', 'its port is open');
  };
  await retry(attempt, { clock, what, signal, timeoutMs: closingTimeoutMs, intervalMs: () => 150 });
}
