/** Completes the swap of static Pods that an upgrade which did not end has left. */

import { defaultBindPort } from '../../config/defaults.ts';
import type { Timeouts } from '../../config/hub.ts';
import type { Emit } from '../../events.ts';
import type { Host } from '../../host.ts';
import { readManifest } from '../../manifests/read-manifest.ts';
import { changeUpgradeRecord, type UpgradeRecord } from '../../run-record/record.ts';
import { settleSwap } from '../../upgrade/swap-static-pods.ts';
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
 * @throws the errors of `settleSwap`
 */
export async function settleUnfinished(
  host: Host,
  record: UpgradeRecord,
  { emit, kubeconfig, signal, timeouts }: Settling,
): Promise<UpgradeRecord> {
  const { advertiseAddress, backups, criSocket, nodeName, swapping } = record;
  if (Object.keys(swapping).length === 0) return record;
  const port = (await readManifest(host, 'kube-apiserver'))?.flags.get('secure-port');
  const bindPort = Number(port) || defaultBindPort;
  const local = await connectLocally(host, kubeconfig, { advertiseAddress, bindPort });
  const timeoutMs = timeouts.upgradeManifests;
  try {
    await settleSwap(host, swapping, {
      nodeName,
      criSocket,
      timeoutMs,
      backupDir: backups.manifests,
      isHealthy: healthOf(host, { local, advertiseAddress, timeoutMs }),
      onSwapping: async (rest) =>
        await changeUpgradeRecord(host, (old) => ({ ...old, swapping: rest }), emit),
      emit,
      signal,
    });
    return { ...record, swapping: {} };
  } finally {
    local.close();
  }
}
