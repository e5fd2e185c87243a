/** Decides whether a run of `init` may begin, and whether it resumes one that did not end. */
import { KubeadmError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { Host } from '../../host.ts';
import type { InitRecord } from '../../run-record/record.ts';
import { refuseBesideAnother } from '../../run-record/running.ts';
import { refuseChangedSettings, unfinishedInit } from '../../run-record/unfinished.ts';

export interface TakenUp {
  /** The run that did not end; undefined if there is none. */
  readonly unfinished: InitRecord | undefined;
  /** Why a run that changes the machine must not begin; undefined if it may. */
  readonly refusal: KubeadmError | undefined;
}

/** For single phases, which neither resume a run nor are refused because of one. */
export const nothingTakenUp: TakenUp = { unfinished: undefined, refusal: undefined };

/** Looks for a run that is active or did not end. */
export async function takeUp(host: Pick<Host, 'files' | 'net'>, emit: Emit): Promise<TakenUp> {
  try {
    await refuseBesideAnother(host);
    return { unfinished: await unfinishedInit(host, emit), refusal: undefined };
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

/** A dry run changes nothing, so it only warns of what a real run would be refused for. */
function refuse(error: KubeadmError, { isReal, emit }: Consequence): void {
  if (isReal) throw error;
  const message = `a run that is not a dry run would be refused: ${error.message}`;
  emit({ type: 'warning', code: 'dry-run-refused', message });
}

/** @throws KubeadmError `unfinished-run` */
export function refuseBeside({ refusal }: TakenUp, consequence: Consequence): void {
  if (refusal !== undefined) refuse(refusal, consequence);
}

/** @throws KubeadmError `unfinished-run` */
export async function refuseOtherSettings(
  host: Pick<Host, 'files' | 'net'>,
  record: InitRecord,
  { documents, ...consequence }: Consequence & { readonly documents: string },
): Promise<void> {
  try {
    await refuseChangedSettings(host, record, { documents, emit: consequence.emit });
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    refuse(error, consequence);
  }
}
