import { beginUpgrade } from '../../run-record/begin.ts';
import type { UpgradePhase } from './input.ts';

/** The first write of a run: the record that a later try needs to resume it. Dry runs and single phases write none. */
export const recordRun: UpgradePhase = {
  name: 'record-run',
  short: 'Keep a record of this run, so that it can be taken up again when it is cut off',
  hidden: true,
  shownAs: 'preflight',
  inDryRun: 'skip',
  run: async ({ backups, cluster, init, startTime, subcommand, unfinished }, host, { emit }) => {
    const run = {
      subcommand,
      version: cluster.kubernetesVersion,
      certificatesDir: cluster.certificatesDir,
      nodeName: init.nodeRegistration.name,
      criSocket: init.nodeRegistration.criSocket,
      advertiseAddress: init.localAPIEndpoint.advertiseAddress,
      backups,
      startTime,
      unfinished,
    };
    await beginUpgrade(host, run, emit);
  },
};
