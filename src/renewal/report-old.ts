/** The components that still use a certificate from before its renewal. */
import type { ClusterConfiguration } from '../config/hub.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { usedCriSocket } from '../kubelet/written-socket.ts';
import { adaptiveInterval } from '../lib/retry.ts';
import type { StaticPodName } from '../releases/release.ts';
import { stateOf } from './state.ts';
import { type CertificateUse, certificateUses } from './uses.ts';

export interface OldCertificateInUse {
  readonly component: StaticPodName;
  /** The name of `kubeadm certs renew`. */
  readonly certificate: string;
}

/** An API server reads a file that has changed in some milliseconds, and at the latest after a minute. */
const readTimeoutMs = 3_000;

export interface Report {
  readonly cluster: ClusterConfiguration;
  /** The names of the renewed certificates. */
  readonly renewed: readonly string[];
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Asks the components of this node, gives those that read changed files by themselves three seconds for it, and warns of
 * each one that still uses the old certificate.
 *
 * @throws FileError; KubeadmError `certificate-invalid`, `interrupted`
 */
export async function reportOldCertificates(
  host: Pick<Host, 'cri' | 'net' | 'files' | 'clock'>,
  { cluster, emit, renewed, signal }: Report,
): Promise<readonly OldCertificateInUse[]> {
  const all = await certificateUses(host, cluster);
  const uses = all.filter(({ certificate }) => renewed.includes(certificate));
  const criSocket = await usedCriSocket(host);
  const states = uses.map((use) => isOldAfterAWhile(host, use, { criSocket, signal }));
  const isOld = await Promise.all(states);
  return uses
    .filter((_, index) => isOld[index])
    .map(({ certificate, component, read }) => {
      const why =
        read === 'start'
          ? 'because it reads it only when it starts'
          : 'although it reads changed files by itself';
      const message = `${component} still uses the old certificate ${certificate}, ${why}. Restart it, for example with 'kubeadm certs renew ${certificate} --restart'`;
      emit({ type: 'warning', code: 'old-certificate-in-use', topic: 'renew', message });
      return { component, certificate };
    });
}

async function isOldAfterAWhile(
  host: Pick<Host, 'cri' | 'net' | 'files' | 'clock'>,
  use: CertificateUse,
  options: { readonly criSocket: string; readonly signal: AbortSignal },
): Promise<boolean> {
  const { clock } = host;
  const start = clock.monotonic();
  for (;;) {
    const state = await stateOf(host, use, options);
    // A call that the signal ends leaves the state unknown.
    if (options.signal.aborted) throw new KubeadmError('interrupted', messageOf(options.signal.reason));
    const elapsed = clock.monotonic() - start;
    if (state !== 'old' || use.read === 'start' || elapsed > readTimeoutMs) return state === 'old';
    await clock.sleep(adaptiveInterval(elapsed), options.signal);
  }
}
