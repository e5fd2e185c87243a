import { keptPairsDir } from '../../renewal/kept-pairs.ts';
import { removeRecord } from '../../run-record/record.ts';
import { removeTemporaryFiles } from '../../run-record/temporary-files.ts';
import type { ResetPhase } from './input.ts';
import { isRootless } from './rootless.ts';

/** The last writes of a whole reset: it removes temporary files and copies of interrupted runs, and the record. */
export const finishRun: ResetPhase = {
  name: 'finish-run',
  short: 'Remove what runs that were cut off have left half written, and the record of this run',
  hidden: true,
  shownAs: 'cleanup-node',
  run: async (input, host, { emit }) => {
    const { certificatesDir } = input;
    await removeTemporaryFiles(host.files, { certificatesDir, rootless: isRootless(input), emit });
    if ((await host.files.stat(keptPairsDir)) !== undefined) await host.files.removeTree(keptPairsDir);
    await removeRecord(host, emit);
  },
};
