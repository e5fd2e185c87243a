/** Begins the record of an `init`, or resumes it. */
import { featureEnabled, type InitFamilyConfig } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import type { FileReads, FileWrites, NetReads } from '../host.ts';
import { fingerprintsOnDisk } from './fingerprints.ts';
import { type InitRecord, writeRecord } from './record.ts';
import { removeTemporaryFiles } from './temporary-files.ts';
import { refuseOtherRecord } from './unfinished.ts';

export interface BeginningInit extends InitFamilyConfig {
  readonly startTime: Date;
  readonly options: { readonly certificateKey: string; readonly uploadToken: string };
  readonly toRecord: Pick<InitRecord, 'documents' | 'completions'>;
  /** The run that is resumed. */
  readonly unfinished: InitRecord | undefined;
}

/**
 * Writes the record, then removes temporary files of an earlier try.
 *
 * @throws KubeadmError `unfinished-run` if another run has begun since this one read the record
 */
export async function beginInit(
  host: { readonly files: FileReads & FileWrites; readonly net: NetReads },
  run: BeginningInit,
  emit: Emit,
): Promise<void> {
  const { cluster, options, startTime, toRecord, unfinished } = run;
  await refuseOtherRecord(host, unfinished);
  const { certificatesDir } = cluster;
  const record: InitRecord = {
    command: 'init',
    startedAt: unfinished?.startedAt ?? startTime.toISOString(),
    documents: toRecord.documents,
    completions: unfinished?.completions ?? toRecord.completions,
    secrets: { certificateKey: options.certificateKey, uploadToken: options.uploadToken },
    fingerprints: { ...(await fingerprintsOnDisk(host, certificatesDir)), ...unfinished?.fingerprints },
  };
  await writeRecord(host, record, emit);
  const rootless = featureEnabled(cluster, 'RootlessControlPlane');
  await removeTemporaryFiles(host.files, { certificatesDir, rootless, emit });
}
