/** What a run that did not end says to its user. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { readRecord } from '../run-record/record.ts';
import { undoOf } from '../run-record/resume.ts';
import type { Run } from './execute.ts';

export interface FailedRun {
  readonly command: 'init' | 'reset';
  /** Whether it is a whole run that changes the machine. */
  readonly keepsRecord: boolean;
  readonly run: Pick<Run, 'emit' | 'signal'>;
}

/**
 * The error of a run that did not end well, with how to go on: in its hint, or as a warning.
 *
 * @returns the error to throw: `interrupted` when the signal was aborted, else the given one
 */
export async function withResumeHint(
  error: unknown,
  host: Pick<Host, 'files'>,
  { command, keepsRecord, run }: FailedRun,
): Promise<unknown> {
  // An error of its own here would hide the one that matters.
  const record = await readRecord(host).catch(() => undefined);
  const isKept = keepsRecord && record?.command === command;
  const undo = record?.command === 'init' ? `, '${undoOf(record)}' undoes it` : '';
  const kept = `What was done so far is kept: the same command goes on from there${undo}.`;
  if (run.signal.aborted) {
    const hint = isKept ? kept : 'The same command can be run again.';
    return new KubeadmError('interrupted', messageOf(run.signal.reason), { cause: error, hint });
  }
  // A cause that was found has its own advice.
  const hasAdvice =
    error instanceof KubeadmError && (error.code === 'unfinished-run' || 'rule' in error.details);
  if (isKept && !hasAdvice) run.emit({ type: 'warning', code: 'run-can-continue', message: kept });
  return error;
}
