import { currentClusterOf } from '../../kubeconfig/current.ts';
import { beginJoin } from '../../run-record/begin.ts';
import type { JoinPhase } from './input.ts';

/** The first write of a run: the record that a later try needs to resume it. Dry runs and single phases write none. */
export const recordRun: JoinPhase = {
  name: 'record-run',
  short: 'Keep a record of this run, so that it can be taken up again when it is cut off',
  hidden: true,
  shownAs: 'preflight',
  inDryRun: 'skip',
  run: async ({ join, startTime, unfinished }, host, context) => {
    const { cluster } = await context.scope.cluster(context);
    const discovered = await context.scope.discovered(context);
    const run = {
      cluster,
      nodeName: join.nodeRegistration.name,
      controlPlane: join.controlPlane !== undefined,
      authority: currentClusterOf(discovered).certificateAuthorityData,
      startTime,
      unfinished,
    };
    await beginJoin(host, run, context.emit);
  },
};
