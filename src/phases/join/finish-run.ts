import { removeRecord } from '../../run-record/record.ts';
import type { JoinPhase } from './input.ts';

/** The last write of a run. After it, the machine is a node of the cluster. */
export const finishRun: JoinPhase = {
  name: 'finish-run',
  short: 'Remove the record of this run',
  hidden: true,
  shownAs: 'wait-control-plane',
  inDryRun: 'skip',
  run: async (_input, host, { emit }) => await removeRecord(host, emit),
};
