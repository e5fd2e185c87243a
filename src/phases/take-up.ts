/** Decides whether a run may begin, and whether it resumes one that did not end. */
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import type { RecordOf, RunCommand } from '../run-record/record.ts';
import { refuseBesideAnother } from '../run-record/running.ts';
import { unfinishedRun } from '../run-record/unfinished.ts';

export interface TakenUp<Command extends RunCommand> {
  /** The run that did not end; undefined if there is none. */
  readonly unfinished: RecordOf<Command> | undefined;
  /** Why a run that changes the machine must not begin; undefined if it may. */
  readonly refusal: KubeadmError | undefined;
}

/** For single phases, which neither resume a run nor are refused because of one. */
export const nothingTakenUp = { unfinished: undefined, refusal: undefined } as const;

/** Looks for a run that is active or did not end. */
export async function takeUp<Command extends RunCommand>(
  host: Pick<Host, 'files' | 'net'>,
  command: Command,
  emit: Emit,
): Promise<TakenUp<Command>> {
  try {
    await refuseBesideAnother(host);
    return { unfinished: await unfinishedRun(host, command, emit), refusal: undefined };
  } catch (error) {
    if (!(error instanceof KubeadmError) || error.code !== 'unfinished-run') throw error;
    return { unfinished: undefined, refusal: error };
  }
}

export interface Consequence {
  /** Whether the run changes the machine. Then it is refused, and a dry run is warned. */
  readonly isReal: boolean;
  readonly emit: Emit;
}

/**
 * A dry run changes nothing, so it only warns of the reason for which a real run would be refused.
 *
 * @throws the error, if the run is real
 */
export function refuse(error: KubeadmError, { isReal, emit }: Consequence): void {
  if (isReal) throw error;
  const message = `a run that is not a dry run would be refused: ${error.message}`;
  emit({ type: 'warning', code: 'dry-run-refused', message });
}

/** @throws KubeadmError `unfinished-run` */
export function refuseBeside(
  { refusal }: { readonly refusal: KubeadmError | undefined },
  consequence: Consequence,
): void {
  if (refusal !== undefined) refuse(refusal, consequence);
}

/** Reports that this run goes on with an earlier one. */
export function reportTakenUp(command: RunCommand, startedAt: string, emit: Emit): void {
  const message = `Taking up the run of ${startedAt} that did not end`;
  emit({ type: 'progress', topic: command, message });
}
