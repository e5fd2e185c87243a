/** The record of an `init` that begins, or is taken up again. */
import { type ClusterConfiguration, featureEnabled, type InitFamilyConfig } from '../config/hub.ts';
import type { FileReads, FileWrites } from '../host/host.ts';
import { certificates, serviceAccountBaseName } from '../pki/certificates.ts';
import { certificatePath, keyPath, publicKeyPath } from '../pki/files.ts';
import { type InitRecord, writeRecord } from './record.ts';
import { refuseOtherRecord } from './resume.ts';
import { beginRun } from './running.ts';
import { removeTemporaryFiles } from './temporary-files.ts';

interface BeginningInit extends InitFamilyConfig {
  readonly runId: string;
  readonly startTime: Date;
  readonly options: {
    readonly uploadCerts: boolean;
    readonly certificateKey: string;
    readonly uploadToken: string;
  };
  readonly toRecord: Pick<InitRecord, 'settings' | 'completions'>;
  /** The run that is taken up. */
  readonly unfinished: InitRecord | undefined;
}

/**
 * Writes the record, then removes what an earlier try has left half written.
 *
 * @throws FileError; KubeadmError `unfinished-run` when another run is going on, or has begun since this one looked
 */
export async function beginInit(
  { files }: { readonly files: FileReads & FileWrites },
  run: BeginningInit,
): Promise<void> {
  const { cluster, init, options, runId, startTime, toRecord, unfinished } = run;
  await beginRun({ files }, { command: 'init', runId });
  await refuseOtherRecord({ files }, unfinished);
  const { certificatesDir } = cluster;
  const etcdDataDir = cluster.etcd.local?.dataDir;
  await writeRecord(files, {
    command: 'init',
    startedAt: unfinished?.startedAt ?? startTime.toISOString(),
    settings: unfinished?.settings ?? toRecord.settings,
    completions: unfinished?.completions ?? toRecord.completions,
    secrets: {
      tokens: init.bootstrapTokens.map(({ token }) => token),
      certificateKey: options.certificateKey,
      uploadToken: options.uploadToken,
    },
    folders: { certificatesDir, ...(etcdDataDir === undefined ? {} : { etcdDataDir }) },
    lonelyKeys: unfinished?.lonelyKeys ?? (await lonelyKeys(files, cluster)),
  });
  const rootless = featureEnabled(cluster, 'RootlessControlPlane');
  await removeTemporaryFiles(files, { certificatesDir, rootless });
}

/** Keys without their certificate, or sa.key without sa.pub: no run of this record has made them. */
async function lonelyKeys(
  files: FileReads,
  { certificatesDir: directory }: ClusterConfiguration,
): Promise<readonly string[]> {
  const pairs = [
    ...certificates.map(({ baseName }) => [
      keyPath(directory, baseName),
      certificatePath(directory, baseName),
    ]),
    [keyPath(directory, serviceAccountBaseName), publicKeyPath(directory, serviceAccountBaseName)],
  ] as const;
  const lonely: string[] = [];
  for (const [key = '', other = ''] of pairs) {
    const alone = (await files.stat(key)) !== undefined && (await files.stat(other)) === undefined;
    if (alone) lonely.push(key);
  }
  return lonely;
}
