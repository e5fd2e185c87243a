/** Upgrades the etcd member of this node. Source: phases/upgrade/staticpods.go, performEtcdStaticPodUpgrade. */
import type { EtcdClient } from '../clients/etcd/etcd-client.ts';
import type { ObserverHost } from '../diagnosis/observer.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import { waitForQuorum } from '../etcd/health.ts';
import type { Host } from '../host.ts';
import { firstImage, versionOfImage } from '../images.ts';
import { putStaticPod } from '../kubelet/static-pod.ts';
import { waitUntilEnded } from '../kubelet/wait-until-ended.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { at } from '../lib/is-record.ts';
import { joinPath } from '../lib/join-path.ts';
import { retry } from '../lib/retry.ts';
import { compareSemanticVersions, parseSemanticVersion } from '../lib/semantic-version.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import { manifestPath, ports } from '../names.ts';
import { type SwapOptions, swapStaticPods } from './swap-static-pods.ts';

/** Upstream tries 10 times, every 15 s. */
const quorumTimeoutMs = 150_000;
const topic = 'upgrade/etcd';

export interface EtcdUpgrade {
  readonly etcd: EtcdClient;
  readonly dataDir: string;
  readonly advertiseAddress: string;
  /** The manifest of this node, and the new one. */
  readonly current: string;
  readonly manifest: string;
  /** The version that belongs to the new version of Kubernetes, or that the user chose. */
  readonly wanted: string;
  readonly isUnchanged: boolean;
  /** Renews the certificates of etcd. */
  readonly renew: () => Promise<void>;
  /** The folder of this try that gets a copy of the data. */
  readonly backupDir: string;
}

type EtcdHost = ObserverHost & Pick<Host, 'files'>;

/**
 * Copies the data of this node's member, and then replaces its manifest. A member that does not come up gets its earlier
 * manifest back, and, if it is the only member and still does not start, its data. etcd reads its certificates for every
 * connection, so it is not restarted for new ones.
 *
 * @throws KubeadmError `etcd` without a healthy quorum; FileError ENOSPC, before anything changes, if the copy does not fit;
 *   the errors of `swapStaticPods`
 */
export async function upgradeEtcd(
  host: EtcdHost,
  upgrade: EtcdUpgrade,
  options: Omit<SwapOptions, 'isHealthy'>,
): Promise<void> {
  const { emit, signal } = options;
  const { clock } = host;
  const quorum = { clock, emit, signal, timeoutMs: quorumTimeoutMs, topic };
  const before = await waitForQuorum(upgrade.etcd, quorum);
  await backUpData(host, upgrade, options);
  if (isOlder(upgrade)) {
    const message = `etcd ${upgrade.wanted} is older than the etcd of this node, which is not changed`;
    emit({ type: 'warning', code: 'etcd-newer', topic, message });
    return;
  }
  await upgrade.renew();
  if (upgrade.isUnchanged) {
    emit({ type: 'static-pod-unchanged', component: 'etcd' });
    return;
  }
  const isHealthy = async (_component: string, end: AbortSignal): Promise<void> =>
    await waitForMember(host, upgrade, { ...options, signal: end });
  try {
    await swapStaticPods(host, [[{ component: 'etcd', text: upgrade.manifest }]], { ...options, isHealthy });
  } catch (error) {
    const problems = error instanceof KubeadmError ? error.details.problems : undefined;
    const isPutBack = !Array.isArray(problems) || problems.length === 0;
    // The data of one member among others must not go back: the others count on what it has confirmed since.
    if (isPutBack || before.length !== 1) throw error;
    throw await restored(host, upgrade, { ...options, error });
  }
}

async function backUpData(
  { clock, files }: EtcdHost,
  { backupDir, dataDir }: EtcdUpgrade,
  { emit, signal }: Pick<SwapOptions, 'emit' | 'signal'>,
): Promise<void> {
  const to = copyOf(dataDir, backupDir);
  // A try that began in the same second has made it.
  if ((await files.stat(to)) !== undefined) return;
  const start = clock.monotonic();
  await files.makeDirectory(backupDir, 0o700);
  await files.copyTree(dataDir, to, { signal });
  emit({ type: 'etcd-backed-up', from: dataDir, to, milliseconds: clock.monotonic() - start });
}

/** As upstream, the copy has the name of the directory. */
function copyOf(dataDir: string, backupDir: string): string {
  return joinPath(backupDir, dataDir.slice(dataDir.lastIndexOf('/') + 1));
}

/** @throws KubeadmError `config-invalid` if the version of the running etcd cannot be read */
function isOlder({ current, wanted }: EtcdUpgrade): boolean {
  const text = versionOfImage(firstImage(at(parseYaml(current), 'spec')));
  const [running, target] = [text, wanted].map(parseSemanticVersion);
  if (running !== undefined && target !== undefined) return compareSemanticVersions(target, running) < 0;
  const file = manifestPath('etcd');
  const bad =
    running === undefined ? `the image in ${file} has the tag "${text}"` : `etcd has the tag "${wanted}"`;
  throw new KubeadmError('config-invalid', `${bad}, which is not a version`, {
    place: { file },
    hint: 'Use a tag such as 3.6.8-0, or leave etcd as it is with --etcd-upgrade=false.',
  });
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
  { advertiseAddress, etcd }: Pick<EtcdUpgrade, 'advertiseAddress' | 'etcd'>,
  { emit, signal }: Pick<SwapOptions, 'emit' | 'signal'>,
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

/** Puts the data of the only member back, after its earlier manifest alone did not help. Returns the error of the run. */
async function restored(
  host: EtcdHost,
  upgrade: EtcdUpgrade,
  options: Omit<SwapOptions, 'isHealthy'> & { readonly error: unknown },
): Promise<KubeadmError> {
  const { backupDir, current, dataDir } = upgrade;
  const { emit, error } = options;
  const { signal } = new AbortController();
  const aside = joinPath(backupDir, 'data-after-the-failure');
  const own = error instanceof KubeadmError ? error : undefined;
  const copied = { cause: error, details: { ...own?.details } };
  try {
    emit({ type: 'progress', topic, message: `Putting the data of etcd in "${dataDir}" back` });
    await host.files.remove(manifestPath('etcd'));
    const { criSocket, timeoutMs } = options;
    await waitUntilEnded(host, { component: 'etcd', criSocket, timeoutMs, emit });
    await host.files.makeDirectory(aside, 0o700);
    for (const name of (await host.files.list(dataDir)) ?? []) {
      await host.files.move(joinPath(dataDir, name), joinPath(aside, name));
    }
    const copy = copyOf(dataDir, backupDir);
    for (const name of (await host.files.list(copy)) ?? []) {
      await host.files.copyTree(joinPath(copy, name), joinPath(dataDir, name));
    }
    await putStaticPod(host.files, { component: 'etcd', text: current });
    await waitForMember(host, upgrade, { emit, signal });
    await options.onSwapping({});
    const message = `${messageOf(error)}. With the data of the back-up, etcd runs again; the later data is in ${aside}`;
    return new KubeadmError('etcd', message, copied);
  } catch (failure) {
    const message = `${messageOf(error)}. The data could not be put back: ${messageOf(failure)}`;
    const hint = `The back-up of the data is in ${backupDir}.`;
    return new KubeadmError('etcd', message, { ...copied, hint });
  }
}
