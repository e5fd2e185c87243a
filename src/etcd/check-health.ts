import type { KubeClient } from '../clients/kube/kube-client.ts';
import type { Host } from '../host.ts';
import { connectToEtcd, type EtcdContext } from './connect.ts';
import { describeMember, waitForQuorum } from './health.ts';

/**
 * Waits until a quorum of the cluster's etcd is healthy. A member that is not healthy is only reported while there is a
 * quorum. Source: phases/etcd/local.go, CheckLocalEtcdClusterStatus.
 *
 * @throws the errors of `connectToEtcd` and `waitForQuorum`
 */
export async function checkEtcdHealth(
  host: Pick<Host, 'files' | 'clock' | 'etcd' | 'net'>,
  cluster: { readonly client: KubeClient; readonly certificatesDir: string },
  context: EtcdContext,
): Promise<void> {
  const { emit, signal, timeouts, topic } = context;
  emit({ type: 'etcd-health-checking' });
  const client = await connectToEtcd(host, cluster, context);
  try {
    const timeoutMs = timeouts.etcdAPICall;
    const voters = await waitForQuorum(client, { clock: host.clock, emit, signal, timeoutMs, topic });
    for (const { member, problem } of voters) {
      if (problem === undefined) continue;
      const message = `${describeMember(member)} is not healthy, and the others have a quorum: ${problem}`;
      emit({ type: 'warning', code: 'etcd-member-unhealthy', topic, message });
    }
  } finally {
    client.close();
  }
}
