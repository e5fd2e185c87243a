/** What a run that did not end says to its user. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { readRecord } from '../run-record/record.ts';
import { undoOf } from '../run-record/resume.ts';
import type { Run } from './execute.ts';

/**
 * Does the work of a command; when it does not end well, says how to go on.
 *
 * @param keepsRecord asked when the work has failed: whether it is a whole run that changes the machine
 * @throws KubeadmError `interrupted` when the signal was aborted; what `work` throws
 */
export async function sayingHowToGoOn<T>(
  host: Pick<Host, 'files'>,
  {
    command,
    keepsRecord,
    run,
  }: {
    readonly command: 'init' | 'reset';
    readonly keepsRecord: () => boolean;
    readonly run: Pick<Run, 'emit' | 'signal'>;
  },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // An error of its own here would hide the one that matters.
    const record = await readRecord(host).catch(() => undefined);
    const isKept = keepsRecord() && record?.command === command;
    const undo = record?.command === 'init' ? `, '${undoOf(record)}' undoes it` : '';
    const kept = `What was done so far is kept: the same command goes on from there${undo}.`;
    if (run.signal.aborted) {
      const hint = isKept ? kept : 'The same command can be run again.';
      throw new KubeadmError('interrupted', messageOf(run.signal.reason), { cause: error, hint });
    }
    // A cause that was found says itself how to go on.
    const saysIt =
      error instanceof KubeadmError && (error.code === 'unfinished-run' || 'rule' in error.details);
    if (isKept && !saysIt) run.emit({ type: 'warning', code: 'run-can-continue', message: kept });
    throw error;
  }
}
