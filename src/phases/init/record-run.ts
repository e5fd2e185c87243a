import { beginInit } from '../../run-record/begin.ts';
import type { InitPhase } from './input.ts';

/** The first write of a run: what a later try must know to take it up. Dry runs and single phases keep none. */
export const recordRun: InitPhase = {
  name: 'record-run',
  short: 'Keep a record of this run, so that it can be taken up again when it is cut off',
  hidden: true,
  shownAs: 'preflight',
  run: async (input, host, { emit }) => {
    if (host.dryRunDirectory === undefined) await beginInit(host, input, emit);
  },
};
