/** Whether the components of this node work with the certificates on its disk. */
import { componentEndpoint } from '../cluster/health.ts';
import { defaultTimeouts } from '../config/defaults.ts';
import { KubeadmError, NetError } from '../errors.ts';
import { readEtcdTls } from '../etcd/connect.ts';
import { connectToMembers } from '../etcd/connect-to-members.ts';
import { quorumProblem, readVoters } from '../etcd/health.ts';
import { readLocalMember } from '../etcd/local-member.ts';
import { readOwnMember } from '../etcd/own-member.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { type HealthWait, kubeletHealthUrl, waitForUrl } from '../kubelet/health.ts';
import { writtenConfiguration } from '../kubelet/written-configuration.ts';
import { retry } from '../lib/retry.ts';
import type { StaticPodName } from '../releases/release.ts';

export interface NodeAccess {
  readonly certificatesDir: string;
  /** The path of the kubeconfig of an administrator. */
  readonly kubeconfig: string;
  readonly emit: Emit;
}

type HealthHost = Pick<Host, 'files' | 'net' | 'clock' | 'kube' | 'etcd'>;

/** The pairs with which a component connects to members of etcd. etcd does not read another authority before a restart. */
const clientsOfEtcd: Readonly<Partial<Record<StaticPodName, readonly string[]>>> = {
  etcd: ['etcd/server', 'etcd/peer', 'etcd/healthcheck-client'],
  'kube-apiserver': ['apiserver-etcd-client'],
};

/**
 * Waits until a component of this node is healthy. For etcd and the API server, the member of this node must be healthy, and
 * a quorum of all members, and they must accept each certificate of the component as that of a client.
 *
 * @throws RetryTimeout; KubeadmError, FileError for a manifest or a certificate that cannot be read; the signal's reason
 */
export async function waitUntilHealthy(
  host: HealthHost,
  component: StaticPodName,
  { access, wait }: { readonly access: NodeAccess; readonly wait: HealthWait },
): Promise<void> {
  if ((await readLocalMember(host)) !== undefined) {
    for (const baseName of clientsOfEtcd[component] ?? [])
      await waitForEtcd(host, baseName, { access, wait });
  }
  if (component === 'etcd') return;
  const { url } = await componentEndpoint(host, component, '127.0.0.1');
  if (component !== 'kube-apiserver') await waitForUrl(host, url, wait);
  else await waitUntilAccepted(host, access.kubeconfig, { server: new URL(url).origin, ...wait });
}

/** The API server has a certificate of another authority than the one in the kubeconfig. Time does not heal it. */
const distrust: readonly string[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
];

/**
 * Waits until an API server is healthy and accepts the client certificate of a kubeconfig.
 *
 * @param options.server defaults to that of the kubeconfig
 * @throws KubeadmError `kube-api` if the server refuses the certificate, NetError if the kubeconfig does not trust the server;
 *   RetryTimeout; the signal's reason
 */
export async function waitUntilAccepted(
  host: Pick<Host, 'files' | 'clock' | 'kube'>,
  path: string,
  options: HealthWait & { readonly server?: string },
): Promise<void> {
  const { server, signal, timeoutMs } = options;
  const client = host.kube(await loadKubeconfig(host, path), server === undefined ? {} : { server });
  const isLasting = (error: unknown): boolean =>
    error instanceof NetError
      ? distrust.includes(error.reason)
      : error instanceof KubeadmError && error.code === 'kube-api';
  try {
    await retry(
      async () => {
        const { status } = await client.raw('/livez', { signal });
        if (status === 200) return;
        const refused = status === 401 || status === 403;
        const message = `the API server at ${client.server} ${refused ? 'refuses' : 'is not healthy for'} the client certificate of ${path}: status ${status}`;
        throw new KubeadmError(refused ? 'kube-api' : 'control-plane-unhealthy', message);
      },
      { clock: host.clock, what: `the API server at ${client.server}`, signal, timeoutMs, giveUp: isLasting },
    );
  } finally {
    client.close();
  }
}

const notVoting = 'etcd has no voting member of this node';

async function waitForEtcd(
  host: HealthHost,
  baseName: string,
  { access, wait }: { readonly access: NodeAccess; readonly wait: HealthWait },
): Promise<void> {
  const { certificatesDir, emit } = access;
  const { signal, timeoutMs } = wait;
  const own = await readOwnMember(host, { advertiseAddress: '', certificatesDir });
  const timeouts = { ...defaultTimeouts, etcdAPICall: timeoutMs };
  const tls = await readEtcdTls(host, own.certificatesDir, baseName);
  const sources = { cluster: undefined, own, tls };
  const { client } = await connectToMembers(host, sources, { timeouts, emit, signal, topic: 'renew' });
  try {
    await retry(
      async () => {
        const voters = await readVoters(client, signal);
        const mine = voters.find(({ member }) => member.peerURLs.some((url) => own.peerURLs.includes(url)));
        const problem = quorumProblem(voters) ?? (mine === undefined ? notVoting : mine.problem);
        if (problem !== undefined) throw new KubeadmError('etcd', problem);
      },
      { clock: host.clock, what: 'a healthy quorum of etcd', signal, timeoutMs },
    );
  } finally {
    client.close();
  }
}

/**
 * Waits until the kubelet is healthy, because it starts the containers again. Without a health endpoint, it is not checked.
 *
 * @throws RetryTimeout; the signal's reason
 */
export async function waitForHealthyKubelet(
  host: Pick<Host, 'files' | 'net' | 'clock'>,
  wait: HealthWait,
): Promise<void> {
  const url = kubeletHealthUrl((await writtenConfiguration(host)) ?? {});
  if (url !== undefined) await waitForUrl(host, url, wait);
}
