/** Takes this node's member out of the etcd cluster. Source: phases/etcd/local.go, util/etcd/etcd.go. */
import type { EtcdClient, EtcdMember, EtcdTls } from '../clients/etcd/etcd-client.ts';
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host/host.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { retry } from '../lib/retry.ts';
import { etcdClientUrlsAnnotation, ports } from '../names.ts';
import type { ResetCluster, ResetInput } from '../phases/reset/input.ts';

type EtcdHost = Pick<Host, 'files' | 'clock' | 'kube' | 'etcd'>;

interface Context {
  readonly timeouts: ResetInput['timeouts'];
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * `removed`; `last`: it is the only member, and stays; `absent`: no member has this node's peer URL.
 *
 * @throws RetryTimeout when the time of `timeouts` is over; EtcdError, FileError
 */
export async function removeEtcdMember(
  host: EtcdHost,
  cluster: ResetCluster,
  context: Context,
): Promise<'removed' | 'last' | 'absent'> {
  const { etcdAPICall: timeoutMs } = context.timeouts;
  const patience = { clock: host.clock, signal: context.signal, timeoutMs };
  const tls = await readTls(host, cluster.configuration.certificatesDir);
  const seeds = await endpointsOfPods(host, cluster, context);
  const known = await withClient(host, seeds, tls, (etcd) =>
    retry(() => etcd.memberList(), { ...patience, what: 'the list of etcd members' }),
  );
  const endpoints = known.filter(isVoting).flatMap(({ clientURLs }) => clientURLs);
  return withClient(host, endpoints, tls, async (etcd) => {
    const members = await etcd.memberList();
    const own = (port: number) => `https://${joinHostPort(cluster.advertiseAddress, port)}`;
    if (members.length === 1 && endpoints.includes(own(ports.etcdClient))) return 'last';
    const member = members.find(({ peerURLs }) => peerURLs[0] === own(ports.etcdPeer));
    if (member === undefined) return 'absent';
    context.emit({
      type: 'detail',
      verbosity: 1,
      topic: 'etcd',
      message: `removing the member ${member.id}`,
    });
    await retry(() => removeOnce(etcd, member.id), { ...patience, what: 'the removal of the etcd member' });
    return 'removed';
  });
}

/** A member has a name from its start on. */
function isVoting({ name, isLearner }: EtcdMember): boolean {
  return name !== '' && !isLearner;
}

/** A try before may have got through although no answer came. */
async function removeOnce(etcd: EtcdClient, id: string): Promise<void> {
  const members = await etcd.memberList();
  if (members.some((member) => member.id === id)) await etcd.memberRemove(id);
}

async function readTls({ files }: EtcdHost, certificatesDir: string): Promise<EtcdTls> {
  const read = (file: string) => files.readText(`${certificatesDir}/etcd/${file}`);
  return {
    ca: await read('ca.crt'),
    cert: await read('healthcheck-client.crt'),
    key: await read('healthcheck-client.key'),
  };
}

/** Every etcd Pod names its client URL; as long as one does not, its mirror Pod is not complete. */
async function endpointsOfPods(
  host: EtcdHost,
  { kubeconfig }: ResetCluster,
  context: Context,
): Promise<readonly string[]> {
  const client = host.kube(kubeconfig);
  try {
    return await retry(() => endpointsOnce(client), {
      clock: host.clock,
      what: 'the etcd Pods',
      timeoutMs: context.timeouts.kubernetesAPICall,
      signal: context.signal,
    });
  } finally {
    client.close();
  }
}

async function endpointsOnce(client: KubeClient): Promise<readonly string[]> {
  const pods = await client.list('v1', 'Pod', {
    namespace: 'kube-system',
    labelSelector: 'component=etcd,tier=control-plane',
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

async function withClient<T>(
  host: EtcdHost,
  endpoints: readonly string[],
  tls: EtcdTls,
  use: (client: EtcdClient) => Promise<T>,
): Promise<T> {
  const client = host.etcd(endpoints, tls);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}
