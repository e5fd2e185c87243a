/** Whether the members of etcd can agree. Source: util/etcd/etcd.go, CheckClusterHealth. */
import type { EtcdClient } from '../clients/etcd/etcd-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import { EtcdError, KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Clock } from '../host.ts';

export interface EndpointHealth {
  readonly endpoint: string;
  /** What the member reports as wrong, or why it did not answer; undefined for a healthy one. */
  readonly problem: string | undefined;
}

/**
 * The state of every endpoint of the client, when more than half of them are healthy: those that are not are no reason to
 * fail, and for the caller to report. The client has to be synchronised.
 *
 * @throws RetryTimeout when there is no quorum within `timeoutMs`, with the problem of each endpoint; the signal's reason
 */
export async function waitForQuorum(
  client: EtcdClient,
  options: {
    readonly clock: Clock;
    readonly emit: Emit;
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    /** Of the lines that report the wait: the name of the command. */
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
