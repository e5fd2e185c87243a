import { removeRecord } from '../../run-record/record.ts';
import type { UpgradePhase } from './input.ts';

/** The last write of a run. After it, the node has the new version. */
export const finishRun: UpgradePhase = {
  name: 'finish-run',
  short: 'Remove the record of this run',
  hidden: true,
  shownAs: 'post-upgrade',
  inDryRun: 'skip',
  run: async (_input, host, { emit }) => await removeRecord(host, emit),
};
