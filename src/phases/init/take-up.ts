import { KubeadmError } from '../../errors.ts';
import type { Host } from '../../host.ts';
import type { InitRecord } from '../../run-record/record.ts';
import { refuseChangedSettings } from '../../run-record/unfinished.ts';
import { type Consequence, refuse } from '../take-up.ts';

/**
 * Refuses to resume the run if settings have changed that its results contain.
 *
 * @throws KubeadmError `unfinished-run`
 */
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
