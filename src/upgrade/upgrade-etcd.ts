/** Upgrades the etcd member of this node. Source: phases/upgrade/staticpods.go, performEtcdStaticPodUpgrade. */
import { KubeadmError } from '../errors.ts';
import { waitForQuorum } from '../etcd/health.ts';
import { firstImage, versionOfImage } from '../images.ts';
import { at } from '../lib/is-record.ts';
import { compareSemanticVersions, parseSemanticVersion } from '../lib/semantic-version.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import { manifestPath } from '../names.ts';
import { type EtcdMember, quorumTimeoutMs, waitForMember } from './etcd-member.ts';
import { copyOfData, errorAfterRestore } from './restore-etcd.ts';
import type { SwapHost, SwapOptions } from './swap.ts';
import { leavesProblems, swapStaticPods } from './swap-static-pods.ts';

const topic = 'upgrade/etcd';

export interface EtcdUpgrade extends EtcdMember {
  readonly dataDir: string;
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
  /** Notes that a later try may put the copy of the data back. */
  readonly onRestorable: () => Promise<void>;
}

/**
 * Copies the data of this node's member, and then replaces its manifest. A member that does not come up gets its earlier
 * manifest back, and, if it is the only member and still does not start, its data. etcd reads its certificates for every
 * connection, so it is not restarted for new ones.
 *
 * @throws KubeadmError `etcd` without a healthy quorum; FileError ENOSPC, before anything changes, if the copy does not fit;
 *   the errors of `swapStaticPods`
 */
export async function upgradeEtcd(
  host: SwapHost,
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
    await waitForMember(host, upgrade, { emit, signal: end });
  // The data of one member among others must not go back: the others count on what it has confirmed since.
  const isOnly = before.length === 1;
  if (isOnly) await upgrade.onRestorable();
  try {
    await swapStaticPods(host, [[{ component: 'etcd', text: upgrade.manifest }]], { ...options, isHealthy });
  } catch (error) {
    if (!isOnly || !leavesProblems(error)) throw error;
    throw await errorAfterRestore(host, { ...upgrade, manifest: upgrade.current }, { ...options, error });
  }
}

async function backUpData(
  { clock, files }: SwapHost,
  { backupDir, dataDir }: EtcdUpgrade,
  { emit, signal }: Pick<SwapOptions, 'emit' | 'signal'>,
): Promise<void> {
  const to = copyOfData(dataDir, backupDir);
  // A try that began in the same second has made it.
  if ((await files.stat(to)) !== undefined) return;
  const start = clock.monotonic();
  await files.makeDirectory(backupDir, 0o700);
  await files.copyTree(dataDir, to, { signal });
  emit({ type: 'etcd-backed-up', from: dataDir, to, milliseconds: clock.monotonic() - start });
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
