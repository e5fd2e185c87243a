/** Completes the swap of static Pods that an upgrade which did not end has left. */

import type { EtcdClient } from '../../clients/etcd/etcd-client.ts';
import { defaultBindPort } from '../../config/defaults.ts';
import type { Timeouts } from '../../config/hub.ts';
import { readEtcdTls } from '../../etcd/connect.ts';
import type { Emit } from '../../events.ts';
import type { Host } from '../../host.ts';
import { readManifest } from '../../manifests/read-manifest.ts';
import { changeUpgradeRecord, type UpgradeRecord } from '../../run-record/record.ts';
import { refuseOtherRecord } from '../../run-record/unfinished.ts';
import { settleSwap } from '../../upgrade/swap-static-pods.ts';
import { healthOf } from '../../upgrade/upgrade-control-plane.ts';
import { memberEndpoint, waitForMember } from '../../upgrade/upgrade-etcd.ts';
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
 *   being replaced and its client certificate is missing; the errors of `settleSwap`
 */
export async function settleUnfinished(
  host: Host,
  record: UpgradeRecord,
  { emit, kubeconfig, signal, timeouts }: Settling,
): Promise<UpgradeRecord> {
  const { advertiseAddress, backups, criSocket, nodeName, swapping } = record;
  await refuseOtherRecord(host, 'upgrade', record);
  const port = (await readManifest(host, 'kube-apiserver'))?.flags.get('secure-port');
  const bindPort = Number(port) || defaultBindPort;
  const local = await connectLocally(host, kubeconfig, { advertiseAddress, bindPort });
  const timeoutMs = timeouts.upgradeManifests;
  const isHealthy = healthOf(host, { local, advertiseAddress, timeoutMs });
  try {
    const etcd = swapping.etcd === undefined ? undefined : await connectToMember(host, record);
    try {
      await settleSwap(host, swapping, {
        nodeName,
        criSocket,
        timeoutMs,
        backupDir: backups.manifests,
        isHealthy: async (component, end) => {
          if (component !== 'etcd' || etcd === undefined) await isHealthy(component, end);
          else await waitForMember(host, { advertiseAddress, etcd }, { emit, signal: end });
        },
        onSwapping: async (rest) =>
          await changeUpgradeRecord(host, (old) => ({ ...old, swapping: rest }), emit),
        emit,
        signal,
      });
    } finally {
      etcd?.close();
    }
    return { ...record, swapping: {} };
  } finally {
    local.close();
  }
}

/** The API server cannot name the members before etcd works. */
async function connectToMember(
  host: Host,
  { advertiseAddress, certificatesDir }: UpgradeRecord,
): Promise<EtcdClient> {
  return host.etcd([memberEndpoint(advertiseAddress)], await readEtcdTls(host, certificatesDir));
}
