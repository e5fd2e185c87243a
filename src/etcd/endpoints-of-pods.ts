import type { KubeClient } from '../clients/kube/kube-client.ts';
import { retryWithEvents } from '../cluster/retry-with-events.ts';
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Clock, Host } from '../host.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { etcdClientUrlsAnnotation } from '../names.ts';

/** Calls `podEndpoints` with a client of its own. */
export async function endpointsOfPods(
  { clock, kube }: Pick<Host, 'clock' | 'kube'>,
  kubeconfig: Kubeconfig,
  options: {
    readonly emit: Emit;
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    /** The topic of the events that report the wait: the name of the command. */
    readonly topic: string;
  },
): Promise<readonly string[]> {
  const client = kube(kubeconfig);
  try {
    return await podEndpoints(client, { ...options, clock });
  } finally {
    client.close();
  }
}

/**
 * The client URLs in the annotations of the cluster's etcd Pods. While one Pod has no annotation, its mirror Pod is not
 * complete, and the Pods are listed again.
 *
 * @throws RetryTimeout; the signal's reason. Source: util/etcd/etcd.go, getEtcdEndpoints
 */
export async function podEndpoints(
  client: KubeClient,
  options: {
    readonly clock: Clock;
    readonly emit: Emit;
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    readonly topic: string;
  },
): Promise<readonly string[]> {
  const what = 'the endpoints of the etcd Pods';
  return await retryWithEvents(() => endpointsOnce(client, options.signal), { ...options, what });
}

async function endpointsOnce(client: KubeClient, signal: AbortSignal): Promise<readonly string[]> {
  const { items: pods } = await client.list('v1', 'Pod', {
    namespace: 'kube-system',
    labelSelector: 'component=etcd,tier=control-plane',
    signal,
  });
  const urls = pods.map(({ metadata }) => metadata.annotations?.[etcdClientUrlsAnnotation]);
  const known = urls.filter((url) => url !== undefined);
  if (known.length > 0 && known.length === pods.length) return known;
  throw new KubeadmError(
    'etcd',
    `the endpoints of etcd are not known: ${known.length} of ${pods.length} etcd Pods have the annotation ` +
      etcdClientUrlsAnnotation,
  );
}
