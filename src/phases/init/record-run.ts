import { beginInit } from '../../run-record/begin.ts';
import type { InitPhase } from './input.ts';

/** The first write of a run: the record that a later try needs to resume it. Dry runs and single phases write none. */
export const recordRun: InitPhase = {
  name: 'record-run',
  short: 'Keep a record of this run, so that it can be taken up again when it is cut off',
  hidden: true,
  shownAs: 'preflight',
  inDryRun: 'skip',
  run: async (input, host, { emit }) => await beginInit(host, input, emit),
};
