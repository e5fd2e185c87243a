/** Whether a run takes up one that did not end, and whether it may. */
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileReads, NetReads } from '../host.ts';
import {
  defaultCertificatesDir,
  kubeconfigFiles,
  kubernetesDir,
  manifestsDir,
  runRecordFile,
} from '../names.ts';
import { apiServerAnswers } from './api-server.ts';
import { describeChange, refusedChanges } from './changed-settings.ts';
import {
  certificatesDirOf,
  type Documents,
  etcdDataDirOf,
  parseDocumentsText,
  tokensOf,
} from './documents.ts';
import { unknownFile } from './fingerprints.ts';
import {
  documentsOf,
  type InitRecord,
  type ResetRecord,
  type RunCommand,
  type RunRecord,
  readRecord,
} from './record.ts';

/** What a command does when it finds the record of a run that did not end. */
type FollowUp =
  /** It goes on from where that run was cut off. */
  | 'take-up'
  /** It undoes what that run did: its own record takes the place of the other. */
  | 'replace'
  /** It ends before it changes anything. */
  | 'refuse';

/** The command that did not end -> the command that comes after it. */
const followUps: Readonly<Record<RunCommand, Readonly<Record<RunCommand, FollowUp>>>> = {
  init: { init: 'take-up', reset: 'replace' },
  reset: { init: 'refuse', reset: 'take-up' },
};

interface Reads {
  readonly files: FileReads;
  readonly net: NetReads;
}

/**
 * The `init` that did not end on this machine and left something; undefined when there is none. Without files that
 * the run has left (or because they were removed since) a record counts as absent. It also counts as absent when
 * files are there that the run did not make; a warning `run-record-ignored` says so.
 *
 * @throws KubeadmError `unfinished-run` when a `reset` did not end
 */
export async function unfinishedInit(host: Reads, emit: Emit): Promise<InitRecord | undefined> {
  const record = await recordOnDisk(host, emit);
  if (record === undefined || !(await hasLeftSomething(host, record))) return undefined;
  if (followUps[record.command].init === 'refuse') throw await mustEndFirst(host, record);
  return record.command === 'init' ? record : undefined;
}

/** The `reset` that did not end; undefined when there is none. A record counts as absent as for `unfinishedInit`. */
export async function unfinishedReset(host: Reads, emit: Emit): Promise<ResetRecord | undefined> {
  const record = await recordOnDisk(host, emit);
  if (record === undefined) return undefined;
  if (followUps[record.command].reset === 'refuse') throw await mustEndFirst(host, record);
  return record.command === 'reset' ? record : undefined;
}

/** @throws KubeadmError `unfinished-run` when `unfinishedInit` now finds another record than it did */
export async function refuseOtherRecord(host: Reads, expected: InitRecord | undefined): Promise<void> {
  const found = await unfinishedInit(host, () => undefined);
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  throw new KubeadmError(
    'unfinished-run',
    'another kubeadm has worked on this machine since this one began',
    { hint: 'Run the same command again.' },
  );
}

/**
 * The command that removes what the run did. `reset` empties the folder of certificates, where others may have files,
 * so the user must name a folder that is not the default.
 */
export function undoOf(certificatesDir: string): string {
  return `kubeadm reset${certificatesDir === defaultCertificatesDir ? '' : ` --cert-dir ${certificatesDir}`}`;
}

/**
 * Compares the settings of the run that is taken up with those of now. A bootstrap token that is no longer configured
 * is a warning `bootstrap-token-left`.
 *
 * @param documents as `documentsText` writes them
 * @throws KubeadmError `unfinished-run` that names every setting that is part of what the run made, and has changed
 */
export async function refuseChangedSettings(
  host: Reads,
  record: InitRecord,
  { documents, emit }: { readonly documents: string; readonly emit: Emit },
): Promise<void> {
  const [before, now] = [documentsOf(record), parseDocumentsText(documents)];
  const changes = await refusedChanges(host, before, now);
  if (changes.length === 0) return warnOfTokens(before, now, emit);
  const goOn = 'Use the old values to go on with that run.';
  const startOver = (await apiServerAnswers(host))
    ? 'The API server of this node answers, so the new values would need a cluster that is made anew.'
    : `To use the new ones, run '${undoOf(directoryOf(record))}' first, which undoes what it did.`;
  throw new KubeadmError(
    'unfinished-run',
    `the 'kubeadm init' of ${record.startedAt} did not end, and settings that are part of what it made have changed:\n` +
      changes.map((change) => `  ${describeChange(change)}`).join('\n'),
    { place: { file: runRecordFile }, hint: `${goOn} ${startOver}`, details: { changes } },
  );
}

/** The ids of tokens are not secret. */
function warnOfTokens(before: Documents, now: Documents, emit: Emit): void {
  const kept = tokensOf(now);
  for (const token of tokensOf(before).filter((old) => !kept.includes(old))) {
    const id = token.slice(0, token.indexOf('.'));
    emit({
      type: 'warning',
      code: 'bootstrap-token-left',
      message: `The bootstrap token ${id} of the run that did not end may be in the cluster: 'kubeadm token delete ${id}' removes it.`,
    });
  }
}

async function mustEndFirst(host: Reads, { command, startedAt }: RunRecord): Promise<KubeadmError> {
  const hint = (await apiServerAnswers(host))
    ? 'The API server of this node answers: find out who uses its cluster before you remove anything.'
    : `Run 'kubeadm ${command}' again first.`;
  return new KubeadmError(
    'unfinished-run',
    `the 'kubeadm ${command}' of ${startedAt} did not end, and files of the cluster are left`,
    { place: { file: runRecordFile }, hint },
  );
}

/** The record, if it can be understood and no file contradicts it; else a warning `run-record-ignored` says why. */
export async function recordOnDisk(
  { files }: Pick<Reads, 'files'>,
  emit: Emit,
): Promise<RunRecord | undefined> {
  const ignore = (reason: string): undefined =>
    void emit({
      type: 'warning',
      code: 'run-record-ignored',
      message: `${runRecordFile}, the record of a run that did not end, is not used: ${reason}`,
    });
  const result = await readRecord({ files });
  if (result === undefined) return undefined;
  if ('ignored' in result) return ignore(result.ignored);
  const { record } = result;
  const unknown = await unknownFile({ files }, record.fingerprints, directoryOf(record));
  if (unknown === undefined) return record;
  return ignore(`the 'kubeadm ${record.command}' of ${record.startedAt} did not make ${unknown}`);
}

/** Its certificates directory. */
export function directoryOf(record: RunRecord): string {
  return record.command === 'init' ? certificatesDirOf(documentsOf(record)) : record.certificatesDir;
}

async function hasLeftSomething({ files }: Reads, record: RunRecord): Promise<boolean> {
  const etcdDataDir = record.command === 'init' ? etcdDataDirOf(documentsOf(record)) : record.etcdDataDir;
  const folders = [manifestsDir, directoryOf(record), ...(etcdDataDir === undefined ? [] : [etcdDataDir])];
  for (const folder of folders) {
    const names = await files.list(folder).catch(() => undefined);
    if (names !== undefined && names.length > 0) return true;
  }
  for (const file of kubeconfigFiles) {
    if ((await files.lstat(`${kubernetesDir}/${file}`)) !== undefined) return true;
  }
  return false;
}
