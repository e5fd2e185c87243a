/** The etcd member of this node. */
import type { EtcdClient } from '../clients/etcd/etcd-client.ts';
import { KubeadmError } from '../errors.ts';
import { waitForQuorum } from '../etcd/health.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { retry } from '../lib/retry.ts';
import { ports } from '../names.ts';

/** Upstream tries 10 times, every 15 s. */
export const quorumTimeoutMs = 150_000;
const topic = 'upgrade/etcd';

export interface EtcdMember {
  readonly etcd: EtcdClient;
  /** The address of this node. */
  readonly advertiseAddress: string;
}

/** The client URL of the member on the node with this address. */
export function memberEndpoint(advertiseAddress: string): string {
  return `https://${joinHostPort(advertiseAddress, ports.etcdClient)}`;
}

/**
 * Waits until the member of this node answers and etcd has a quorum.
 *
 * @throws RetryTimeout; the signal's reason
 */
export async function waitForMember(
  { clock }: Pick<Host, 'clock'>,
  { advertiseAddress, etcd }: EtcdMember,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<void> {
  const endpoint = memberEndpoint(advertiseAddress);
  const timeoutMs = quorumTimeoutMs;
  await retry(
    async () => {
      const { errors } = await etcd.status(endpoint, { signal });
      if (errors.length > 0)
        throw new KubeadmError('etcd', `etcd at ${endpoint} reports ${errors.join(', ')}`);
    },
    { clock, what: `etcd at ${endpoint}`, signal, timeoutMs },
  );
  await waitForQuorum(etcd, { clock, emit, signal, timeoutMs, topic });
}
