/** Connects to the etcd of a cluster whose members run on its control planes. Source: util/etcd/etcd.go, NewFromCluster. */
import type { EtcdClient, EtcdTls } from '../clients/etcd/etcd-client.ts';
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import type { Timeouts } from '../config/hub.ts';
import { EtcdError, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileReads, Host } from '../host.ts';
import { certificatePath, keyPath } from '../pki/files.ts';
import { type ConnectionHost, describeConnections, tryConnections } from './connections.ts';
import { podEndpoints } from './endpoints-of-pods.ts';

export interface EtcdContext {
  readonly timeouts: Pick<Timeouts, 'kubernetesAPICall' | 'etcdAPICall'>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The topic of the events that report waits: the name of the phase. */
  readonly topic: string;
}

/**
 * Returns a client whose endpoints are the client URLs of all voting members that have started. The first endpoints are
 * those of the etcd Pods, and one of them that answers is enough. The caller must close the client.
 *
 * @throws KubeadmError `etcd` if no endpoint takes a connection; RetryTimeout; FileError if a certificate for the client is
 *   missing; the signal's reason
 */
export async function connectToEtcd(
  host: Pick<Host, 'files' | 'clock' | 'etcd'> & ConnectionHost,
  cluster: { readonly client: KubeClient; readonly certificatesDir: string },
  { emit, signal, timeouts, topic }: EtcdContext,
): Promise<EtcdClient> {
  const waiting = { clock: host.clock, emit, signal, topic };
  const tls = await readEtcdTls(host, cluster.certificatesDir);
  const timeoutMs = timeouts.kubernetesAPICall;
  const endpoints = await podEndpoints(cluster.client, { ...waiting, timeoutMs });
  const client = host.etcd(endpoints, tls);
  try {
    const what = 'the list of etcd members';
    const options = { ...waiting, timeoutMs: timeouts.etcdAPICall, what };
    const start = host.clock.monotonic();
    const attempt = async (): Promise<readonly string[]> => {
      try {
        return await client.sync({ signal });
      } catch (error) {
        const isLong = host.clock.monotonic() - start >= Math.min(unreachableMs, timeouts.etcdAPICall);
        throw isLong && !signal.aborted ? await explained(host, endpoints, error) : error;
      }
    };
    const synchronised = await retryWithEvents(attempt, {
      ...options,
      giveUp: (error) => !(error instanceof EtcdError),
    });
    const message = `etcd has the endpoints ${synchronised.join(', ')}; its Pods name ${endpoints.join(', ')}`;
    emit({ type: 'detail', verbosity: 1, topic, message });
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

/** A member that starts again needs less time. */
const unreachableMs = 60_000;

/** Returns the error itself if an endpoint takes connections. */
async function explained(
  host: ConnectionHost,
  endpoints: readonly string[],
  error: unknown,
): Promise<unknown> {
  const connections = await tryConnections(host, endpoints);
  if (connections.some(({ outcome }) => outcome === 'accepted')) return error;
  const message = `no member of etcd takes a connection of this node: ${describeConnections(connections)}`;
  return new KubeadmError('etcd', `${message}; ${messageOf(error)}`, {
    cause: error,
    hint: 'Check that etcd runs on these machines, and open the TCP port for all control planes in each firewall.',
    details: { unreachable: endpoints },
  });
}

/**
 * @param baseName the pair of the client. Defaults to that of the liveness probes, which every control plane with a member of
 *   etcd has.
 * @throws FileError
 */
export async function readEtcdTls(
  { files }: { readonly files: Pick<FileReads, 'readText'> },
  certificatesDir: string,
  baseName = 'etcd/healthcheck-client',
): Promise<EtcdTls> {
  return {
    ca: await files.readText(certificatePath(certificatesDir, 'etcd/ca')),
    cert: await files.readText(certificatePath(certificatesDir, baseName)),
    key: await files.readText(keyPath(certificatesDir, baseName)),
  };
}
