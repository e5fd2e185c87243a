/** Tells the user how to go on after a failed run. */
import { KubeadmError, messageOf } from '../errors.ts';
import type { Host } from '../host.ts';
import { apiServerMayRun } from '../run-record/api-server.ts';
import { directoryOf, type RunCommand, type RunRecord } from '../run-record/record.ts';
import { hasLeftSomething, recordOnDisk, undoOf } from '../run-record/unfinished.ts';
import type { Run } from './execute.ts';

export interface FailedRun {
  readonly command: RunCommand;
  /** True for a whole run that changes the machine, once its configuration is known. */
  readonly keepsRecord: boolean;
  readonly run: Pick<Run, 'emit' | 'signal'>;
}

/**
 * Adds advice on how to go on to the error of a failed run, in its hint or as a warning.
 *
 * @returns the error to throw: `interrupted` if the signal was aborted, else the given one
 */
export async function withResumeHint(
  error: unknown,
  host: Pick<Host, 'files' | 'net'>,
  { command, keepsRecord, run }: FailedRun,
): Promise<unknown> {
  const record = keepsRecord ? await recordOnDisk(host, () => undefined) : undefined;
  const isKept =
    record?.command === command && (command === 'reset' || (await hasLeftSomething(host, record)));
  const kept = isKept ? await howToGoOn(host, record) : '';
  if (run.signal.aborted) {
    const hint = isKept ? kept : 'The same command can be run again.';
    return new KubeadmError('interrupted', messageOf(run.signal.reason), { cause: error, hint });
  }
  // A known cause has its own advice.
  const hasAdvice =
    error instanceof KubeadmError && (error.code === 'unfinished-run' || 'rule' in error.details);
  if (isKept && !hasAdvice) run.emit({ type: 'warning', code: 'run-can-continue', message: kept });
  return error;
}

/** While the API server may run, it does not suggest reset, which would remove a control plane that is in use. */
async function howToGoOn(host: Pick<Host, 'files' | 'net'>, record: RunRecord): Promise<string> {
  const goOn = 'What was done so far is kept. Run the same command to go on from there';
  const isUndone = record.command === 'init' || record.command === 'join';
  if (!isUndone || (await apiServerMayRun(host))) return `${goOn}.`;
  return `${goOn}, or '${undoOf(directoryOf(record))}' to undo it.`;
}
