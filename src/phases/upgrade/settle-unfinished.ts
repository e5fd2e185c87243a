/** Completes the swap of static Pods that an upgrade which did not end has left. */

import type { EtcdClient } from '../../clients/etcd/etcd-client.ts';
import { defaultBindPort } from '../../config/defaults.ts';
import type { Timeouts } from '../../config/hub.ts';
import { ifExists } from '../../errors.ts';
import { readEtcdTls } from '../../etcd/connect.ts';
import type { Emit } from '../../events.ts';
import type { Host } from '../../host.ts';
import { joinPath } from '../../lib/join-path.ts';
import { readManifest } from '../../manifests/read-manifest.ts';
import { manifestPath } from '../../names.ts';
import { changeUpgradeRecord, type UpgradeRecord } from '../../run-record/record.ts';
import { refuseOtherRecord } from '../../run-record/unfinished.ts';
import { memberEndpoint, waitForMember } from '../../upgrade/etcd-member.ts';
import { errorAfterRestore, restoreEtcd } from '../../upgrade/restore-etcd.ts';
import type { SwapOptions, Swapping } from '../../upgrade/swap.ts';
import { leavesProblems, settleSwap } from '../../upgrade/swap-static-pods.ts';
import { healthOf } from '../../upgrade/upgrade-control-plane.ts';
import { connectLocally } from './connect.ts';

export interface Settling {
  readonly kubeconfig: string;
  readonly timeouts: Pick<Timeouts, 'upgradeManifests'>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Waits for the components that the run was replacing, or puts them back. The cluster can only be asked afterwards, because
 * one of them may be its API server.
 *
 * @returns the record without these components
 * @throws KubeadmError `unfinished-run` if another run has begun since this one read the record; FileError if etcd was
 *   being replaced and its client certificate is missing; the errors of `settleSwap` and `restoreEtcd`
 */
export async function settleUnfinished(
  host: Host,
  record: UpgradeRecord,
  settling: Settling,
): Promise<UpgradeRecord> {
  const { kubeconfig, timeouts } = settling;
  const { advertiseAddress } = record;
  await refuseOtherRecord(host, 'upgrade', record);
  const port = (await readManifest(host, 'kube-apiserver'))?.flags.get('secure-port');
  const bindPort = Number(port) || defaultBindPort;
  const local = await connectLocally(host, kubeconfig, { advertiseAddress, bindPort });
  const timeoutMs = timeouts.upgradeManifests;
  const options = {
    ...settling,
    nodeName: record.nodeName,
    criSocket: record.criSocket,
    timeoutMs,
    backupDir: record.backups.manifests,
    isHealthy: healthOf(host, { local, advertiseAddress, timeoutMs }),
    onSwapping: async (swapping: Swapping) =>
      await changeUpgradeRecord(host, (old) => ({ ...old, swapping }), settling.emit),
  };
  try {
    if (record.swapping.etcd === undefined) await settleSwap(host, record.swapping, options);
    else await settleEtcd(host, record, options);
  } finally {
    local.close();
  }
  return { ...record, swapping: {} };
}

/** etcd is replaced alone. If it does not run with its earlier manifest, and is the only member, its data is put back. */
async function settleEtcd(host: Host, record: UpgradeRecord, options: SwapOptions): Promise<void> {
  const { advertiseAddress, backups, etcdDataDir: dataDir } = record;
  const etcd = await connectToMember(host, record);
  const member = { etcd, advertiseAddress };
  try {
    // Somebody may have removed the back-up.
    const manifest = await ifExists(host.files.readText(joinPath(backups.manifests, 'etcd.yaml')));
    const restore =
      dataDir === undefined || manifest === undefined
        ? undefined
        : { ...member, dataDir, manifest, backupDir: backups.etcd };
    // Only putting the data back leaves the manifest missing.
    const isCutOff = (await host.files.stat(manifestPath('etcd'))) === undefined;
    if (isCutOff && restore !== undefined) {
      await restoreEtcd(host, restore, options);
      return;
    }
    const isHealthy = async (_: string, signal: AbortSignal): Promise<void> =>
      await waitForMember(host, member, { emit: options.emit, signal });
    try {
      await settleSwap(host, record.swapping, { ...options, isHealthy });
    } catch (error) {
      if (restore === undefined || !leavesProblems(error)) throw error;
      throw await errorAfterRestore(host, restore, { ...options, error });
    }
  } finally {
    etcd.close();
  }
}

/** The API server cannot name the members before etcd works. */
async function connectToMember(
  host: Host,
  { advertiseAddress, certificatesDir }: UpgradeRecord,
): Promise<EtcdClient> {
  return host.etcd([memberEndpoint(advertiseAddress)], await readEtcdTls(host, certificatesDir));
}
