/** Puts the data of etcd back, if its earlier manifest alone does not help. Source: performEtcdStaticPodUpgrade. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Host } from '../host.ts';
import { putStaticPod } from '../kubelet/static-pod.ts';
import { waitUntilEnded } from '../kubelet/wait-until-ended.ts';
import { joinPath } from '../lib/join-path.ts';
import { isTemporaryName } from '../lib/temporary-name.ts';
import { manifestPath } from '../names.ts';
import { type EtcdMember, waitForMember } from './etcd-member.ts';
import type { SwapOptions } from './swap.ts';

const topic = 'upgrade/etcd';

export interface EtcdRestore extends EtcdMember {
  readonly dataDir: string;
  /** The folder with the copy of the data. */
  readonly backupDir: string;
  /** The earlier manifest. */
  readonly manifest: string;
}

type RestoreHost = Pick<Host, 'files' | 'clock' | 'cri'>;
type RestoreOptions = Pick<SwapOptions, 'criSocket' | 'timeoutMs' | 'onSwapping' | 'emit'>;

/** As upstream, the copy has the name of the directory. */
export function copyOfData(dataDir: string, backupDir: string): string {
  return joinPath(backupDir, dataDir.slice(dataDir.lastIndexOf('/') + 1));
}

/**
 * Puts the data of the only member back and starts it with its earlier manifest. The manifest is missing meanwhile, so that
 * no etcd starts with a part of the data. A further call completes one that was cut off. After a call that has put the
 * manifest back, it moves the data of since then to a folder of its own.
 *
 * @returns the folder that has the later data
 * @throws FileError; RetryTimeout
 */
export async function restoreEtcd(
  host: RestoreHost,
  restore: EtcdRestore,
  { criSocket, emit, onSwapping, timeoutMs }: RestoreOptions,
): Promise<string> {
  const { dataDir, manifest } = restore;
  emit({ type: 'progress', topic, message: `Putting the data of etcd in "${dataDir}" back` });
  // A further try removes the back-up, and the later data stays for the user.
  const aside = `${restore.backupDir}-data-after-the-failure`;
  const isCutOff = (await host.files.stat(manifestPath('etcd'))) === undefined;
  if (!isCutOff) await freeName(host, aside);
  await host.files.remove(manifestPath('etcd'), { sync: true });
  await waitUntilEnded(host, { component: 'etcd', criSocket, timeoutMs, topic, emit });
  await exchangeData(host, { ...restore, aside });
  await putStaticPod(host.files, { component: 'etcd', text: manifest });
  await waitForMember(host, restore, { emit, signal: new AbortController().signal });
  await onSwapping({});
  return aside;
}

/** Renames the folder of a call that was completed. etcd has worked since then, so its data is not a remainder of that call. */
async function freeName({ files }: RestoreHost, aside: string): Promise<void> {
  if ((await files.stat(aside)) === undefined) return;
  let number = 1;
  while ((await files.stat(`${aside}-${number}`)) !== undefined) number += 1;
  await files.move(aside, `${aside}-${number}`);
}

/**
 * The directory may be a mount point, so its entries are moved. An entry that was moved already is the remainder of a call
 * that was cut off.
 */
async function exchangeData(
  { files }: RestoreHost,
  { aside, backupDir, dataDir }: EtcdRestore & { readonly aside: string },
): Promise<void> {
  await files.makeDirectory(aside, 0o700);
  const moved = new Set(await files.list(aside));
  for (const name of (await files.list(dataDir)) ?? []) {
    const path = joinPath(dataDir, name);
    if (isTemporaryName(name) || moved.has(name)) await files.removeTree(path);
    else await files.move(path, joinPath(aside, name));
  }
  const copy = copyOfData(dataDir, backupDir);
  for (const name of (await files.list(copy)) ?? []) {
    await files.copyTree(joinPath(copy, name), joinPath(dataDir, name));
  }
}

/** As `restoreEtcd`, after the error of a swap. Returns the error of the run. */
export async function errorAfterRestore(
  host: RestoreHost,
  restore: EtcdRestore,
  options: RestoreOptions & { readonly error: unknown },
): Promise<KubeadmError> {
  const { error } = options;
  const own = error instanceof KubeadmError ? error : undefined;
  const copied = { cause: error, details: { ...own?.details } };
  try {
    const aside = await restoreEtcd(host, restore, options);
    const message = `${messageOf(error)}. With the data of the back-up, etcd runs again; the later data is in ${aside}`;
    return new KubeadmError('etcd', message, copied);
  } catch (failure) {
    const message = `${messageOf(error)}. The data could not be put back: ${messageOf(failure)}`;
    const hint = `The back-up of the data is in ${restore.backupDir}.`;
    return new KubeadmError('etcd', message, { ...copied, hint });
  }
}
