import type { Emit } from '../events.ts';
import type { Clock, FileReads, Host, NetReads } from '../host.ts';
import type { ServerClock } from './server-clock.ts';

/** The parts of a host that discovery uses. It changes nothing. */
export interface DiscoveryHost {
  readonly files: FileReads;
  readonly net: Pick<NetReads, 'get'>;
  readonly kube: Host['kube'];
  readonly clock: Clock;
}

export interface DiscoveryContext {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** `timeouts.discovery`, in milliseconds. It limits each step. */
  readonly timeoutMs: number;
  readonly serverClock: ServerClock;
}

/** Reports which server kubeadm asks, before it asks, because an address that does not answer costs seconds. */
export function reportReading(server: string, { emit }: DiscoveryContext): void {
  const message = `Reading the ConfigMap cluster-info from ${server}`;
  emit({ type: 'progress', topic: 'discovery', message });
}
