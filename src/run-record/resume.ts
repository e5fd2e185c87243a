/** Whether a run takes up one that did not end, and whether it may. */
import { KubeadmError } from '../errors.ts';
import type { FileReads } from '../host/host.ts';
import {
  adminConf,
  controllerManagerConf,
  defaultCertificatesDir,
  kubeletConf,
  kubernetesDir,
  manifestsDir,
  runRecordFile,
  schedulerConf,
  superAdminConf,
} from '../names.ts';
import { type InitRecord, type ResetRecord, type RunRecord, readRecord } from './record.ts';
import { changedSettings, describeChange, type Settings } from './settings.ts';

interface Reads {
  readonly files: FileReads;
}

const kubeconfigs = [adminConf, superAdminConf, kubeletConf, controllerManagerConf, schedulerConf];

/**
 * The `init` that did not end on this machine and left something; undefined when there is none. A record alone,
 * whose run left nothing (or what it left was removed since), counts as none.
 *
 * @throws KubeadmError `unfinished-run` when a `reset` did not end
 */
export async function unfinishedInit(host: Reads): Promise<InitRecord | undefined> {
  const record = await readRecord(host);
  if (record === undefined) return undefined;
  if (!(await hasLeftSomething(host, record))) return undefined;
  if (record.command === 'init') return record;
  throw new KubeadmError(
    'unfinished-run',
    `the 'kubeadm reset' of ${record.startedAt} did not end, and files of the cluster are left`,
    { place: { file: runRecordFile }, hint: "Run 'kubeadm reset' again first." },
  );
}

/** @throws KubeadmError `unfinished-run` when what `unfinishedInit` says is no longer what it said */
export async function refuseOtherRecord(host: Reads, expected: InitRecord | undefined): Promise<void> {
  if (JSON.stringify(await unfinishedInit(host)) === JSON.stringify(expected)) return;
  throw new KubeadmError(
    'unfinished-run',
    'another kubeadm has worked on this machine since this one began',
    {
      hint: 'Run the same command again.',
    },
  );
}

/** The `reset` that did not end; undefined when there is none, and when its record cannot be understood. */
export async function unfinishedReset(host: Reads): Promise<ResetRecord | undefined> {
  const record = await readRecord(host).catch((error: unknown) => {
    if (error instanceof KubeadmError && error.code === 'unfinished-run') return undefined;
    throw error;
  });
  return record?.command === 'reset' ? record : undefined;
}

/**
 * The command that takes away what the run did. Certificates of another folder than the default reset must be told of:
 * it empties the folder, and others may have files there.
 */
export function undoOf({ folders: { certificatesDir } }: InitRecord): string {
  return `kubeadm reset${certificatesDir === defaultCertificatesDir ? '' : ` --cert-dir ${certificatesDir}`}`;
}

/** @throws KubeadmError `unfinished-run` that names every setting that is not as it was */
export function refuseChangedSettings(record: InitRecord, now: Settings): void {
  const changes = changedSettings(record.settings, now);
  if (changes.length === 0) return;
  throw new KubeadmError(
    'unfinished-run',
    `the 'kubeadm init' of ${record.startedAt} did not end, and this one is asked for something else:\n` +
      changes.map((change) => `  ${describeChange(change)}`).join('\n'),
    {
      place: { file: runRecordFile },
      hint:
        `Run '${undoOf(record)}' to undo what it did, then init with the new settings; or give the old ones to go on ` +
        'with that run.',
      details: { changes },
    },
  );
}

async function hasLeftSomething({ files }: Reads, record: RunRecord): Promise<boolean> {
  const certificatesDir = record.command === 'init' ? record.folders.certificatesDir : defaultCertificatesDir;
  const etcdDataDir = record.command === 'init' ? record.folders.etcdDataDir : record.etcdDataDir;
  const folders = [manifestsDir, certificatesDir, ...(etcdDataDir === undefined ? [] : [etcdDataDir])];
  for (const folder of folders) {
    const names = await files.list(folder).catch(() => undefined);
    if (names !== undefined && names.length > 0) return true;
  }
  for (const file of kubeconfigs) {
    if ((await files.lstat(`${kubernetesDir}/${file}`)) !== undefined) return true;
  }
  return false;
}
