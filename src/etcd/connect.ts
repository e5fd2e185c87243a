/** Connects to the etcd of a cluster whose members run on its control planes. Source: util/etcd/etcd.go, NewFromCluster. */
import type { EtcdClient, EtcdTls } from '../clients/etcd/etcd-client.ts';
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import type { Timeouts } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import type { FileReads, Host } from '../host.ts';
import { certificatePath, keyPath } from '../pki/files.ts';
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
 * @throws RetryTimeout; FileError if a certificate for the client is missing; the signal's reason
 */
export async function connectToEtcd(
  host: Pick<Host, 'files' | 'clock' | 'etcd'>,
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
    const synchronised = await retryWithEvents(() => client.sync({ signal }), options);
    const message = `etcd has the endpoints ${synchronised.join(', ')}; its Pods name ${endpoints.join(', ')}`;
    emit({ type: 'detail', verbosity: 1, topic, message });
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
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
