import { removeRecord } from '../../run-record/record.ts';
import type { InitPhase } from './input.ts';

/** The last write of a run. After it, the machine has a finished `init`. */
export const finishRun: InitPhase = {
  name: 'finish-run',
  short: 'Remove the record of this run',
  hidden: true,
  shownAs: 'show-join-command',
  inDryRun: 'skip',
  run: async (_input, host, { emit }) => await removeRecord(host, emit),
};
