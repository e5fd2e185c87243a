/** Makes a kubelet ask for its client certificate as soon as the API server can answer. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { KubeApiError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { retry } from '../lib/retry.ts';
import { hasClientCertificate } from './credentials.ts';

/** An API server that answers "not found" also lets the kubelet create its own request. */
const missingRequest = {
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  name: 'kubeadm-is-it-served',
};

/** A kubelet that asks just now has its certificate within this time. */
const graceMs = 200;

export interface AskAgain {
  /** The client of the API server that the kubelet asks, with the same credentials. */
  readonly client: Pick<KubeClient, 'get'>;
  readonly emit: Emit;
  /** Ends the wait. The init system finishes a restart that has begun. */
  readonly signal: AbortSignal;
}

/**
 * Waits until an API server that starts takes requests of the kubelet, and restarts the kubelet once if it does not have
 * its certificate then. A kubelet that was refused asks again after 2, 4, 8 and 16 s, and it asks at once after a restart.
 * Its containers run on meanwhile. Source: k8s.io/client-go/util/certificate, which has these pauses.
 */
export async function askAgainWhenServed(
  host: Pick<Host, 'files' | 'clock' | 'services'>,
  { client, emit, signal }: AskAgain,
): Promise<void> {
  const { clock, services } = host;
  let waited = false;
  const attempt = async (tries: number): Promise<void> => {
    waited = tries > 1;
    await client.get(missingRequest, { signal }).catch((error: unknown) => {
      if (!(error instanceof KubeApiError) || error.reason !== 'NotFound') throw error;
    });
  };
  try {
    const what = 'the API server of this machine';
    await retry(attempt, { clock, signal, timeoutMs: Number.POSITIVE_INFINITY, what });
    // The first request of the kubelet finds a server that serves from the beginning.
    if (!waited || (await hasClientCertificate(host))) return;
    await clock.sleep(graceMs, signal);
    if (await hasClientCertificate(host)) return;
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  if ((await services.initSystem()) === undefined) return;
  try {
    await services.restart('kubelet', signal);
    emit({ type: 'kubelet-restarted' });
  } catch (error) {
    if (signal.aborted) return;
    const message = `unable to restart the kubelet: ${messageOf(error)}`;
    emit({ type: 'detail', verbosity: 1, topic: 'kubelet-start', message });
  }
}
