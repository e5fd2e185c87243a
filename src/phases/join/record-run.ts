import { caCertificateHashes } from '../../cluster/certificate-hash.ts';
import { parsePins } from '../../discovery/ca-pins.ts';
import { currentClusterOf } from '../../kubeconfig/current.ts';
import { beginJoin } from '../../run-record/begin.ts';
import { refuseOtherCluster } from '../../run-record/unfinished.ts';
import type { JoinPhase } from './input.ts';

/** The first write of a run: the record that a later try needs to resume it. Dry runs and single phases write none. */
export const recordRun: JoinPhase = {
  name: 'record-run',
  short: 'Keep a record of this run, so that it can be taken up again when it is cut off',
  hidden: true,
  shownAs: 'preflight',
  inDryRun: 'skip',
  run: async ({ credentials, join, paths, startTime, unfinished }, host, context) => {
    const { cluster } = await context.scope.cluster(context);
    const discovered = await context.scope.discovered(context);
    const authority = currentClusterOf(discovered).certificateAuthorityData;
    const found = authority === undefined || authority === '' ? [] : caCertificateHashes(authority);
    // A file without a CA proves nothing, and then the record identifies the cluster.
    const authorities = found.length > 0 ? found : (unfinished?.authorities ?? []);
    if (unfinished !== undefined) {
      refuseOtherCluster(unfinished, found, `${credentials ?? 'the discovery'} has`);
      const pins = join.discovery.bootstrapToken?.caCertHashes ?? [];
      if (credentials !== undefined)
        refuseOtherCluster({ ...unfinished, authorities }, [...parsePins(pins)], 'caCertHashes has');
    }
    const run = {
      cluster,
      nodeName: join.nodeRegistration.name,
      controlPlane: join.controlPlane !== undefined,
      authority,
      authorities,
      authorityFile: paths.authority,
      startTime,
      unfinished,
    };
    await beginJoin(host, run, context.emit);
  },
};
