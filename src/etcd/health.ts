/** Whether a majority of the etcd members is healthy. Source: util/etcd/etcd.go, CheckClusterHealth. */
import type { EtcdClient } from '../clients/etcd/etcd-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import { EtcdError, KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Clock } from '../host.ts';

export interface EndpointHealth {
  readonly endpoint: string;
  /** The error that the member reports, or why it did not answer; undefined for a healthy member. */
  readonly problem: string | undefined;
}

/**
 * Waits until more than half of the client's endpoints are healthy, and returns the state of every endpoint. The caller
 * reports those that are not healthy. The client must be synchronised.
 *
 * @throws RetryTimeout with the problem of each endpoint, if there is no quorum within `timeoutMs`; the signal's reason
 */
export async function waitForQuorum(
  client: EtcdClient,
  options: {
    readonly clock: Clock;
    readonly emit: Emit;
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    /** The topic of the events that report the wait: the name of the command. */
    readonly topic: string;
  },
): Promise<readonly EndpointHealth[]> {
  return await retryWithEvents(
    async () => {
      const states = await readHealth(client, options.signal);
      const problems = states.flatMap(({ problem }) => problem ?? []);
      if (states.length - problems.length > states.length / 2) return states;
      throw new KubeadmError('etcd', `no quorum of etcd is healthy: ${problems.join('; ')}`);
    },
    { ...options, what: 'a healthy quorum of etcd' },
  );
}

async function readHealth(client: EtcdClient, signal: AbortSignal): Promise<readonly EndpointHealth[]> {
  return await Promise.all(
    client
      .endpoints()
      .map(async (endpoint) => ({ endpoint, problem: await problemOf(client, endpoint, signal) })),
  );
}

async function problemOf(
  client: EtcdClient,
  endpoint: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { errors } = await client.status(endpoint, { signal });
    return errors.length === 0 ? undefined : `etcd at ${endpoint} reports ${errors.join(', ')}`;
  } catch (error) {
    if (error instanceof EtcdError) return error.message;
    throw error;
  }
}
